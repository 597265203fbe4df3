package dev.capas.container;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Names for containers that nobody named: a quality, and somebody whose work computing stands on. */
final class RandomName {
    private static final List<String> QUALITIES = List.of(
            "amber", "apt", "blithe", "brisk", "candid", "chipper", "civil", "copper", "deft", "dapper", "eager",
            "earnest", "fluent", "frank", "genial", "gentle", "hardy", "hazel", "honest", "jaunty", "jolly", "keen",
            "limber", "lively", "lucid", "mellow", "merry", "mild", "nimble", "noble", "olive", "patient", "placid",
            "plucky", "polite", "prompt", "quiet", "rapid", "ready", "robust", "rustic", "sage", "sincere", "snappy",
            "sober", "solid", "spry", "steady", "sturdy", "subtle", "sunny", "supple", "tidy", "tranquil", "upbeat",
            "urbane", "valiant", "vivid", "warm", "witty", "zesty");
    private static final List<String> PEOPLE = List.of(
            "abel", "aiken", "allen", "amdahl", "atanasoff", "backus", "bartik", "berezin", "bool", "cerf", "church",
            "codd", "conway", "cray", "curry", "dahl", "dijkstra", "eckert", "engelbart", "erdos", "euler", "feynman",
            "flowers", "floyd", "gauss", "goedel", "goldberg", "gray", "hamming", "hilbert", "hoare", "holberton",
            "huffman", "iverson", "karp", "kay", "kilburn", "kildall", "kleene", "knuth", "lamport", "leibniz",
            "liskov", "mauchly", "mccarthy", "milner", "moore", "naur", "neumann", "noether", "nygaard", "pascal",
            "perlis", "perlman", "postel", "rabin", "rado", "ritchie", "sammet", "scott", "shannon", "stibitz",
            "strachey", "tarjan", "thompson", "torres", "turing", "ulam", "wilkes", "wirth", "zuse");

    private RandomName() {}

    /** One of some thousands; later attempts carry a number, so that there is always a free one. */
    static String next(int attempt) {
        String name = pick(QUALITIES) + "_" + pick(PEOPLE);
        return attempt == 0 ? name : name + ThreadLocalRandom.current().nextInt(10 << Math.min(attempt, 20));
    }

    private static String pick(List<String> words) {
        return words.get(ThreadLocalRandom.current().nextInt(words.size()));
    }
}

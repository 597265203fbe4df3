package dev.capas.answers;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * A place where two answers differ.
 *
 * @param place the fields that lead to it, such as {@code body.State.Pid}
 * @param expected what dockerd has there, empty where it has nothing
 * @param found what this engine has there, empty where it has nothing
 */
record Difference(String place, String expected, String found) {
    private static final String NOTHING = "";

    static List<Difference> between(JsonNode expected, JsonNode found) {
        List<Difference> differences = new ArrayList<>();
        compare("", expected, found, differences);
        return differences;
    }

    private static void compare(String place, JsonNode expected, JsonNode found, List<Difference> differences) {
        if (expected.isObject() && found.isObject()) {
            TreeSet<String> names = new TreeSet<>(expected.propertyNames());
            names.addAll(found.propertyNames());
            for (String name : names) {
                compare(
                        place.isEmpty() ? name : place + "." + name,
                        expected.path(name),
                        found.path(name),
                        differences);
            }
        } else if (expected.isArray() && found.isArray() && expected.size() == found.size()) {
            for (int i = 0; i < expected.size(); i++) {
                compare(place + "[" + i + "]", expected.get(i), found.get(i), differences);
            }
        } else if (!expected.equals(found)) {
            differences.add(new Difference(place, text(expected), text(found)));
        }
    }

    private static String text(JsonNode node) {
        return node.isMissingNode() ? NOTHING : node.toString();
    }

    @Override
    public String toString() {
        return place + ": " + (expected.equals(NOTHING) ? "not there" : expected) + " / "
                + (found.equals(NOTHING) ? "not there" : found);
    }
}

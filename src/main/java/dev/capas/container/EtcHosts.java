package dev.capas.container;

import dev.capas.network.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The {@code /etc/hosts} of a running container, which is bound into it and must stay the same file. */
final class EtcHosts {
    private EtcHosts() {}

    private static Path file(Container container) {
        return container.directory().resolve("hosts");
    }

    /** Adds lines at its end. */
    static void add(Container container, List<String> lines) throws IOException {
        Files.write(file(container), lines, StandardOpenOption.APPEND);
    }

    /** Gives the line of these names another address. */
    static void move(Container container, String names, String address) throws IOException {
        String moved = Files.readAllLines(file(container)).stream()
                .map(line -> (line.endsWith("\t" + names) ? address + "\t" + names : line) + "\n")
                .collect(Collectors.joining());
        Files.writeString(file(container), moved, StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** Removes the lines of a member's addresses. */
    static void remove(Container container, Member member) throws IOException {
        List<String> addresses = Stream.of(
                        java.util.Optional.ofNullable(member.ipv4()), java.util.Optional.ofNullable(member.ipv6()))
                .flatMap(java.util.Optional::stream)
                .map(subnet -> subnet.address().toString())
                .toList();
        String kept = Files.readAllLines(file(container)).stream()
                .filter(line -> !addresses.contains(line.split("\\s", 2)[0]))
                .map(line -> line + "\n")
                .collect(Collectors.joining());
        Files.writeString(file(container), kept, StandardOpenOption.TRUNCATE_EXISTING);
    }
}

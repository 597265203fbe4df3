package dev.capas.answers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The differences that are meant: {@code known-differences.txt} has a line for each, {@code scenario | step | place | reason},
 * where step and place are regular expressions.
 */
final class KnownDifferences {
    private record Known(String line, Pattern step, Pattern place) {}

    private final List<Known> all;
    private final List<Known> unmet;

    private KnownDifferences(List<Known> all) {
        this.all = all;
        this.unmet = new ArrayList<>(all);
    }

    static KnownDifferences of(String scenario) throws IOException {
        Path file = Path.of("src/test/resources/answers/known-differences.txt");
        return new KnownDifferences(Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(scenario + " | "))
                .map(line -> {
                    String[] parts = line.split(" \\| ", 4);
                    return new Known(line, Pattern.compile(parts[1]), Pattern.compile(parts[2]));
                })
                .toList());
    }

    /** Whether this one is meant. */
    boolean has(Step step, Difference difference) {
        return has(step, difference.place());
    }

    /** Whether a difference at this place is meant. */
    boolean has(Step step, String place) {
        List<Known> met = all.stream()
                .filter(known -> known.step().matcher(step.name()).matches()
                        && known.place().matcher(place).matches())
                .toList();
        unmet.removeAll(met);
        return !met.isEmpty();
    }

    /** Lines that nothing came for. */
    List<String> unmet() {
        return unmet.stream().map(Known::line).toList();
    }
}

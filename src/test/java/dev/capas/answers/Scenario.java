package dev.capas.answers;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/**
 * Requests that belong together, in their order: a YAML file beside which the recorded answers lie. Whatever a scenario makes is
 * called {@code api-…}, and its last steps remove it.
 *
 * @param file the requests
 * @param steps each with a name of its own
 */
record Scenario(Path file, List<Step> steps) {
    private static final Path DIRECTORY = Path.of("src/test/resources/answers");

    /** All of them, by name. */
    static List<Scenario> all() throws IOException {
        try (Stream<Path> files = Files.list(DIRECTORY)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .map(Scenario::read)
                    .toList();
        }
    }

    private static Scenario read(Path file) {
        try (Reader reader = Files.newBufferedReader(file)) {
            Map<String, List<Map<String, Object>>> yaml = new Yaml().load(reader);
            List<Step> steps = yaml.get("steps").stream().map(Step::of).toList();
            Set<String> names = new HashSet<>();
            for (Step step : steps) {
                if (!names.add(step.name())) {
                    throw new IllegalArgumentException(file + ": two steps are called " + step.name());
                }
            }
            return new Scenario(file, steps);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The file's name without its ending. */
    String name() {
        return file.getFileName().toString().replace(".yaml", "");
    }

    /** Where the answers are recorded. */
    Path recorded() {
        return file.resolveSibling(name() + ".json");
    }

    @Override
    public String toString() {
        return name();
    }
}

package dev.capas.container;

import dev.capas.errdefs.EngineException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.stereotype.Service;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** Lists the processes of a container, by the {@code ps} of the host. */
@Service
public class ContainerTop {
    /** A table: titles, and a row for each process. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Table(List<List<String>> processes, List<String> titles) {}

    private final Containers containers;
    private final ContainerEvents events;

    ContainerTop(Containers containers, ContainerEvents events) {
        this.containers = containers;
        this.events = events;
    }

    /**
     * The processes that run now.
     *
     * @param arguments of {@code ps}, separated by spaces; its columns must include PID
     * @throws EngineException if there is no such container (404), it does not run (409), or ps refuses the arguments (500)
     */
    public Table list(String name, String arguments) {
        Container container = containers.get(name);
        if (container.state().restarting()) {
            throw EngineException.conflict(
                    "Container " + container.id() + " is restarting, wait until the container is running");
        }
        if (!container.state().running() || container.task().isEmpty()) {
            throw EngineException.conflict("container " + container.id() + " is not running");
        }
        try {
            Set<String> pids = processesOf(container.task().get().init().pid());
            Table table = table(ps(arguments), pids);
            events.publish(container, "top");
            return table;
        } catch (IOException e) {
            throw EngineException.system("ps: " + e.getMessage(), e);
        }
    }

    private static List<String> ps(String arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ps"));
        Arrays.stream(arguments.strip().split(" +"))
                .filter(word -> !word.isEmpty())
                .forEach(command::add);
        Process ps = new ProcessBuilder(command).start();
        try (BufferedReader out = ps.inputReader(StandardCharsets.UTF_8)) {
            List<String> lines = out.lines().toList();
            String error = new String(ps.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            if (ps.waitFor() != 0) {
                throw EngineException.system(
                        "ps: " + error.strip().lines().findFirst().orElse("failed"), null);
            }
            return lines;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static Table table(List<String> lines, Set<String> pids) {
        List<String> titles = List.of(lines.getFirst().strip().split("\\s+"));
        int pid = titles.indexOf("PID");
        if (pid < 0) {
            throw EngineException.system("Couldn't find PID field in ps output", null);
        }
        List<List<String>> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] fields = line.strip().split("\\s+", titles.size());
            if (fields.length > pid && pids.contains(fields[pid])) {
                rows.add(List.of(fields));
            }
        }
        return new Table(rows, titles);
    }

    /** All that are accounted to the same cgroups as init. */
    private static Set<String> processesOf(int init) throws IOException {
        Set<String> pids = new HashSet<>();
        Path group = Path.of("/proc/" + init + "/cgroup");
        String own = Files.readString(group);
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    if (Files.readString(process.resolve("cgroup")).equals(own)) {
                        pids.add(process.getFileName().toString());
                    }
                } catch (IOException e) {
                    continue; // it has ended meanwhile
                }
            }
        }
        return pids;
    }
}

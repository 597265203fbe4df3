package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.Json;
import dev.capas.runtime.ResourceUsage;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Every option of a container in a real one, seen from inside, beside what dockerd 28.5.2 with runc said to the same requests:
 * {@code options.json} has a request in each entry and what came of it. Entries marked with {@code v1} read what only cgroups v1 have.
 */
class OptionsIT {
    private static final List<JsonNode> OPTIONS = new ArrayList<>();
    private static final Map<String, Future<ObjectNode>> RUNS = new LinkedHashMap<>();
    private static final ExecutorService FOUR = Executors.newFixedThreadPool(4);

    private static Engine engine;
    private static OptionRuns runs;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        runs = new OptionRuns(engine.docker());
        for (JsonNode option : options().toList()) {
            RUNS.put(option.path("name").asString(), FOUR.submit(() -> runs.run(option)));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        FOUR.shutdownNow();
        FOUR.close();
        try {
            engine.close();
        } finally {
            runs.close();
        }
    }

    static Stream<JsonNode> options() throws IOException {
        if (OPTIONS.isEmpty()) {
            try (InputStream json = OptionsIT.class.getResourceAsStream("options.json")) {
                Json.MAPPER.readTree(json).forEach(OPTIONS::add);
            }
            OPTIONS.removeIf(option -> option.has("v1") && ResourceUsage.unified());
        }
        return OPTIONS.stream();
    }

    static Stream<String> names() throws IOException {
        return options().map(option -> option.path("name").asString());
    }

    @ParameterizedTest
    @MethodSource("names")
    void doesWhatDockerdDid(String name) throws IOException, ExecutionException, InterruptedException {
        JsonNode dockerd = options()
                .filter(option -> option.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow()
                .get("dockerd");
        assertThat(RUNS.get(name).get()).isEqualTo(dockerd);
    }
}

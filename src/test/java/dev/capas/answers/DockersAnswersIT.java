package dev.capas.answers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.e2e.Engine;
import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** This engine answers as dockerd did when it was recorded, but for the differences that are told of with their reasons. */
class DockersAnswersIT {
    private static final Map<Scenario, Map<String, ObjectNode>> ANSWERS = new LinkedHashMap<>();

    private static Engine engine;

    @BeforeAll
    static void ask() throws Exception {
        engine = Engine.start();
        for (Scenario scenario : Scenario.all()) {
            ANSWERS.put(scenario, Answers.collect(engine.docker().socket(), scenario));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    static Set<Scenario> scenarios() {
        return ANSWERS.keySet();
    }

    static List<Definition> definitions() throws IOException {
        return Definition.all();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void areGivenHereToo(Scenario scenario) throws Exception {
        JsonNode recorded = Json.MAPPER.readTree(Files.readString(scenario.recorded()));
        KnownDifferences known = KnownDifferences.of(scenario.name());
        Map<String, ObjectNode> answers = Objects.requireNonNull(ANSWERS.get(scenario));
        List<String> unknown = new ArrayList<>();
        for (Step step : scenario.steps()) {
            JsonNode masked = Volatile.mask(step, answers.get(step.name()));
            for (Difference difference : Difference.between(recorded.path(step.name()), masked)) {
                if (!known.has(step, difference)) {
                    unknown.add(step.name() + " | " + difference);
                }
            }
        }
        assertThat(unknown).as("dockerd / here").isEmpty();
        assertThat(known.unmet()).as("differences that are no more").isEmpty();
    }

    /** What dockerd itself answers against the definition is no fault here. */
    @ParameterizedTest
    @MethodSource("definitions")
    void fitTheDefinition(Definition definition) throws Exception {
        List<String> faults = new ArrayList<>();
        for (Scenario scenario : scenarios()) {
            JsonNode recorded = Json.MAPPER.readTree(Files.readString(scenario.recorded()));
            KnownDifferences known = KnownDifferences.of(scenario.name());
            for (Step step : scenario.steps()) {
                if (step.target().startsWith("/v1.51/") && !known.has(step, "status")) {
                    List<String> own =
                            definition.faults(step, ANSWERS.get(scenario).get(step.name()));
                    List<String> dockers =
                            definition.isDockers() ? definition.faults(step, recorded.path(step.name())) : List.of();
                    own.stream()
                            .filter(fault -> !dockers.contains(fault))
                            .forEach(fault -> faults.add(step.name() + " | " + fault));
                }
            }
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void nothingWentWrongWithin() throws IOException {
        assertThat(engine.log()).doesNotContain("Unexpected failure");
    }
}

package dev.capas.answers;

import dev.capas.oci.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes down what the engine behind the socket {@code -Danswers.socket} answers; {@code src/test/record-answers} runs it, no build does. */
class RecordAnswers {
    private static final JsonMapper READABLE =
            Json.MAPPER.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Test
    void record() throws Exception {
        Path socket = Path.of(System.getProperty("answers.socket"));
        String only = System.getProperty("answers.scenario", "");
        for (Scenario scenario : Scenario.all()) {
            if (only.isEmpty() || scenario.name().equals(only)) {
                Map<String, ObjectNode> answers = Answers.collect(socket, scenario);
                ObjectNode recorded = JsonNodeFactory.instance.objectNode();
                scenario.steps()
                        .forEach(step -> recorded.set(step.name(), Volatile.mask(step, answers.get(step.name()))));
                Files.writeString(scenario.recorded(), READABLE.writeValueAsString(recorded) + "\n");
            }
        }
        if (only.isEmpty() || only.equals("bad-input")) {
            BadInput.record(socket);
        }
    }
}

package dev.capas.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.Json;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class HostConfigTest {
    static List<Recording> inspected() {
        return Recording.all().stream().filter(one -> one.inspect() != null).toList();
    }

    @ParameterizedTest
    @MethodSource("inspected")
    void showsEveryFieldAsDockerdDoes(Recording recording) {
        JsonNode shown = recording.inspect().get("HostConfig");
        assertThat(again(shown, HostConfig.class)).isEqualTo(shown);
    }

    @ParameterizedTest
    @MethodSource("inspected")
    void showsEveryFieldOfTheConfigurationAsDockerdDoes(Recording recording) {
        JsonNode shown = recording.inspect().get("Config");
        assertThat(again(shown, ContainerConfig.class)).isEqualTo(shown);
    }

    private static JsonNode again(JsonNode shown, Class<?> type) {
        return Json.MAPPER.readTree(Json.MAPPER.writeValueAsString(Json.MAPPER.treeToValue(shown, type)));
    }
}

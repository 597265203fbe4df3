package dev.capas.answers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.e2e.Engine;
import dev.capas.e2e.RawClient;
import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The document that the engine serves of its own API, and the page to read it. */
class ApiDocumentIT {
    private static Engine engine;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    private static RawClient.Answer get(String path) throws IOException {
        return RawClient.get(engine.docker().socket(), path);
    }

    private static JsonNode document() throws IOException {
        return Json.MAPPER.readTree(get("/openapi").body());
    }

    @Test
    void isTheOneInTheTree() throws IOException {
        String served = get("/openapi.yaml").body();
        Path written = Files.writeString(Path.of("target/openapi.yaml"), served);
        assertThat(Files.readString(Path.of("api-spec/openapi.yaml")))
                .as("api-spec/openapi.yaml is not what the engine serves; if that is meant: cp " + written
                        + " api-spec/openapi.yaml")
                .isEqualTo(served);
    }

    @Test
    void saysOfEveryOperationWhatItIs() throws IOException {
        List<String> silent = new ArrayList<>();
        TreeSet<String> names = new TreeSet<>();
        document()
                .path("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(operation -> {
                    String name = operation.getKey() + " " + path.getKey();
                    JsonNode said = operation.getValue();
                    if (said.path("summary").asString("").isEmpty()
                            || said.path("tags").isEmpty()) {
                        silent.add(name);
                    }
                    said.path("parameters").forEach(parameter -> {
                        if (parameter.path("description").asString("").isEmpty()) {
                            silent.add(name + ": " + parameter.path("name").asString());
                        }
                    });
                    if (!names.add(said.path("operationId").asString(""))) {
                        silent.add(name + " is called as another");
                    }
                }));
        assertThat(silent).isEmpty();
        assertThat(names).contains("ContainerCreate", "ImageList", "ExecStart", "SystemInfo");
    }

    @Test
    void isReadOnAPage() throws IOException {
        RawClient.Answer moved = get("/docs");
        assertThat(moved.status()).isEqualTo(302);
        String page = moved.headers().get("location");
        Matcher parts =
                Pattern.compile("(?:src|href)=\"([^\"]+)\"").matcher(get(page).body());
        List<String> found = parts.results().map(part -> part.group(1)).toList();
        assertThat(found)
                .anyMatch(part -> part.endsWith("swagger-ui-bundle.js"))
                .hasSizeGreaterThan(4);
        for (String part : found) {
            assertThat(get(Path.of(page).resolveSibling(part).normalize().toString())
                            .status())
                    .as(part)
                    .isEqualTo(200);
        }
        Matcher configuration = Pattern.compile("\"configUrl\" : \"([^\"]+)\"")
                .matcher(get(Path.of(page)
                                .resolveSibling("swagger-initializer.js")
                                .toString())
                        .body());
        assertThat(configuration.find()).isTrue();
        JsonNode settings = Json.MAPPER.readTree(get(configuration.group(1)).body());
        assertThat(Json.MAPPER
                        .readTree(get(settings.path("url").asString()).body())
                        .path("openapi")
                        .asString())
                .startsWith("3.");
    }
}

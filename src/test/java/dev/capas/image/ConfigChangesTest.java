package dev.capas.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.errdefs.EngineException;
import dev.capas.oci.Json;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.node.ObjectNode;

/** Changes and refusals that dockerd 28.5.2 was seen to have. */
class ConfigChangesTest {
    private static ObjectNode apply(String... changes) {
        ObjectNode config = DockerConfig.empty();
        ConfigChanges.apply(config, List.of(changes));
        return config;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "CMD echo a b | Cmd | [\"/bin/sh\",\"-c\",\"echo a b\"]",
                "CMD [\"a\",\"b\"] | Cmd | [\"a\",\"b\"]",
                "CMD [\"a\", b] | Cmd | [\"/bin/sh\",\"-c\",\"[\\\"a\\\", b]\"]",
                "CMD | Cmd | [\"/bin/sh\",\"-c\"]",
                "cmd foo | Cmd | [\"/bin/sh\",\"-c\",\"foo\"]",
                "ENTRYPOINT [\"x\"] | Entrypoint | [\"x\"]",
                "ENTRYPOINT | Entrypoint | null",
                "ENV A=b C=\"d e\" F=g\\ h | Env | [\"A=b\",\"C=d e\",\"F=g h\"]",
                "ENV A b c | Env | [\"A=b c\"]",
                "ENV A=$B | Env | [\"A=\"]",
                "ENV A='$B' | Env | [\"A=$B\"]",
                "EXPOSE 80 443/udp 8000-8001 | ExposedPorts | {\"80/tcp\":{},\"443/udp\":{},\"8000/tcp\":{},\"8001/tcp\":{}}",
                "USER a:b | User | \"a:b\"",
                "VOLUME /a /b | Volumes | {\"/a\":{},\"/b\":{}}",
                "VOLUME [\"/c\"] | Volumes | {\"/c\":{}}",
                "WORKDIR b | WorkingDir | \"/b\"",
                "LABEL a=b c=\"d e\" | Labels | {\"a\":\"b\",\"c\":\"d e\"}",
                "LABEL a b | Labels | {\"a\":\"b\"}",
                "ONBUILD RUN x | OnBuild | [\"RUN x\"]",
                "STOPSIGNAL SIGTERM | StopSignal | \"SIGTERM\"",
                "STOPSIGNAL 9 | StopSignal | \"9\"",
                "HEALTHCHECK NONE | Healthcheck | {\"Test\":[\"NONE\"]}",
                "HEALTHCHECK --interval=5s --retries=2 CMD a b | Healthcheck | {\"Test\":[\"CMD-SHELL\",\"a b\"],\"Interval\":5000000000,\"Retries\":2}",
                "HEALTHCHECK CMD [\"a\"] | Healthcheck | {\"Test\":[\"CMD\",\"a\"]}",
            })
    void changes(String change, String field, String value) {
        assertThat(apply(change).get(field)).isEqualTo(Json.MAPPER.readTree(value));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "~~ | file with no instructions",
                "# comment | file with no instructions",
                "ENV | ENV requires at least one argument",
                "ENV A | ENV must have two arguments",
                "ENV =b | ENV names can not be blank",
                "ENV A=\"b | failed to process \"\\\"b\": unexpected end of statement while looking for matching double-quote",
                "EXPOSE | EXPOSE requires at least one argument",
                "EXPOSE x | Invalid containerPort: x",
                "EXPOSE 80/foo | Invalid proto: foo",
                "USER | USER requires exactly one argument",
                "WORKDIR | WORKDIR requires exactly one argument",
                "WORKDIR $HOME | cannot normalize nothing",
                "VOLUME | VOLUME requires at least one argument",
                "LABEL | LABEL requires at least one argument",
                "LABEL a | LABEL must have two arguments",
                "ONBUILD ONBUILD x | Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
                "ONBUILD FROM x | FROM isn't allowed as an ONBUILD trigger",
                "STOPSIGNAL NOPE | invalid signal: NOPE",
                "HEALTHCHECK --interval=x CMD a | time: invalid duration \"x\"",
                "HEALTHCHECK x | Unknown type \"X\" in HEALTHCHECK (try CMD)",
                "SHELL [\"a\"] | SHELL is not a valid change command",
                "RUN x | RUN is not a valid change command",
                "from x | FROM is not a valid change command",
            })
    void isRefused(String change, String words) {
        assertThatThrownBy(() -> apply(change))
                .isInstanceOf(EngineException.class)
                .hasMessage(words);
    }

    @Test
    void oneChangeSeesTheOnesBefore() {
        ObjectNode config = apply("ENV A=1\nENV B=$A-${A}x${C:-d}${A:+s}", "WORKDIR /a", "WORKDIR ../b/$B", "ENV A=2");
        assertThat(config.get("Env").toString()).isEqualTo("[\"A=2\",\"B=1-1xds\"]");
        assertThat(config.get("WorkingDir").stringValue()).isEqualTo("/b/1-1xds");
    }

    @Test
    void anEntrypointTakesTheCommandThatStoodThereBefore() {
        ObjectNode config = apply("CMD old");
        ConfigChanges.apply(config, List.of("ENTRYPOINT [\"e\"]"));
        assertThat(config.get("Cmd").isNull()).isTrue();
        assertThat(apply("CMD [\"c\"]", "ENTRYPOINT [\"e\"]").get("Cmd").toString())
                .isEqualTo("[\"c\"]");
    }

    @Property
    void anyTextIsTakenOrRefused(
            @ForAll
                    @StringLength(max = 30)
                    @CharRange(from = 'a', to = 'c')
                    @Chars({'"', '\'', '\\', '$', '{', '}', ':', '-', '+', '=', ' ', '[', ']', '\n', '/', '1', '\0'})
                    String text) {
        for (String instruction : List.of("ENV ", "LABEL ", "CMD ", "EXPOSE ", "HEALTHCHECK ", "WORKDIR ", "")) {
            ObjectNode config = DockerConfig.empty();
            try {
                ConfigChanges.apply(config, List.of(instruction + text));
            } catch (EngineException e) {
                assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_PARAMETER);
                continue;
            }
            assertThat(DockerConfig.complete(config)).isEqualTo(DockerConfig.complete(DockerConfig.complete(config)));
        }
    }
}

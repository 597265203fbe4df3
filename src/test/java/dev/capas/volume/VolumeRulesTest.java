package dev.capas.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.errdefs.EngineException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VolumeRulesTest {
    private static Map<String, String> options(String text) {
        Map<String, String> options = new TreeMap<>();
        for (String option : text.split(" ")) {
            String[] pair = option.split("=", 2);
            options.put(pair[0], pair.length == 1 ? "" : pair[1]);
        }
        return options;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "type= device=",
                "type=tmpfs device=tmpfs o=size=1m",
                "size=0",
                "size=0g",
                "type=cifs device=//host/share"
            })
    void takesOptions(String text) {
        assertThatCode(() -> VolumeRules.check("name", "local", options(text))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "foo=1 type=x, invalid option: \"foo\"",
        "type=tmpfs, missing required option: \"device\"",
        "device=x, missing required option: \"type\"",
        "o=x type=y, missing required option: \"device\"",
        "size=1k, quota size requested but no quota support",
        "size=-1, invalid size: '-1'",
        "size=, invalid size: ''",
        "type=cifs device=//host:1/x, 'port not allowed in CIFS device URL, include ''port'' in ''o='''",
        "type=cifs device=//h:a/x, error parsing mount device url: parse \"//h:a/x\": invalid port \":a\" after host"
    })
    void refusesOptions(String text, String reason) {
        assertThatThrownBy(() -> VolumeRules.check("name", "", options(text)))
                .isInstanceOf(EngineException.class)
                .hasMessage("create name: " + reason);
    }

    @Test
    void knowsOneDriver() {
        assertThatThrownBy(() -> VolumeRules.check("a", "other", null))
                .hasMessage("create a: error looking up volume plugin other: plugin \"other\" not found");
    }

    /** No name leads out of the directory of volumes, and what is taken once is taken again by the next start. */
    @Property
    void aNameIsOneDirectory(@ForAll String name) {
        try {
            VolumeRules.check(name, "", null);
        } catch (EngineException e) {
            assertThat(VolumeRules.isName(name)).isFalse();
            return;
        }
        assertThat(VolumeRules.isName(name)).isTrue();
        assertThat(Path.of("/volumes", name).normalize().getParent()).isEqualTo(Path.of("/volumes"));
    }

    @Property
    void whateverOptionsAreGivenItIsAnswered(@ForAll String type, @ForAll String device, @ForAll String size) {
        try {
            VolumeRules.check("name", "", Map.of("type", type, "device", device, "size", size));
        } catch (EngineException e) {
            assertThat(e.getMessage()).startsWith("create name: ");
        }
    }
}

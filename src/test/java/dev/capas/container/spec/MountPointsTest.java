package dev.capas.container.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.container.HostConfig;
import dev.capas.container.MountPoint;
import dev.capas.errdefs.EngineException;
import dev.capas.oci.Json;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountPointsTest {
    private static List<MountPoint> of(Map<String, Object> config) {
        return MountPoints.of(Json.MAPPER.treeToValue(Json.MAPPER.valueToTree(config), HostConfig.class));
    }

    private static MountPoint bind(String spec) {
        return of(Map.of("Binds", List.of(spec))).getFirst();
    }

    @ParameterizedTest
    @CsvSource({
        "a1:/d, volume, a1, /d, z, true, ''",
        "a1:/d/../e:ro, volume, a1, /e, ro, false, ''",
        "/h:/d, bind, , /d, '', true, rprivate",
        "'/h:/d:ro,rslave', bind, , /d, 'ro,rslave', false, rslave",
        "/d, volume, '', /d, z, true, ''"
    })
    void readsABind(String spec, String type, String name, String to, String mode, boolean rw, String propagation) {
        MountPoint point = bind(spec);
        assertThat(point.type()).isEqualTo(type);
        assertThat(point.name()).isEqualTo(name);
        assertThat(point.destination()).isEqualTo(to);
        assertThat(point.mode()).isEqualTo(mode);
        assertThat(point.rw()).isEqualTo(rw);
        assertThat(point.propagation()).isEqualTo(propagation);
    }

    @ParameterizedTest
    @CsvSource({
        "a1:/d:shared, 'invalid volume specification: ''a1:/d:shared'': invalid mount config for type \"volume\": field BindOptions must not be specified'",
        "'a1:/d:ro,rw', 'invalid mode: ro,rw'",
        "a1:d, 'invalid volume specification: ''a1:d'': invalid mount config for type \"volume\": invalid mount path: ''d'' mount path must be absolute'"
    })
    void refusesABind(String spec, String words) {
        assertThatThrownBy(() -> bind(spec)).isInstanceOf(EngineException.class).hasMessage(words);
    }

    @Provide
    static Arbitrary<String> specs() {
        return Arbitraries.of("a1", "/", "/d", ":", "ro", "rw", "z", ",", "..", "nocopy", "shared", "", "é", "\0")
                .list()
                .ofMaxSize(8)
                .map(parts -> String.join("", parts));
    }

    /** Whatever is written, it is refused, or leads to a clean path below the root. */
    @Property
    void aBindHasACleanDestination(@ForAll("specs") String spec) {
        try {
            MountPoint point = bind(spec);
            assertThat(point.destination())
                    .startsWith("/")
                    .isNotEqualTo("/")
                    .doesNotContain("//")
                    .doesNotEndWith("/")
                    .isEqualTo(MountPoints.clean(point.destination()));
            assertThat(point.isVolume() || point.source().startsWith("/")).isTrue();
        } catch (EngineException e) {
            assertThat(e.getMessage()).startsWith("invalid ");
        }
    }
}

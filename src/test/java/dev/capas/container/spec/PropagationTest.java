package dev.capas.container.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.container.HostConfig;
import dev.capas.container.MountPoint;
import dev.capas.oci.Json;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PropagationTest {
    private static final List<String> HOST = List.of(
            "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
            "30 22 0:25 / /proc rw shared:5 - proc proc rw",
            "31 22 0:26 / /sys rw master:7 - sysfs sysfs rw");

    @Test
    void isLeftAloneByPrivateMounts() throws IOException {
        assertThat(Propagation.ofRoot(binds("/tmp:/a", "/proc:/b:rprivate"), HOST))
                .isNull();
    }

    @Test
    void makesTheRootSlaveOrShared() throws IOException {
        assertThat(Propagation.ofRoot(binds("/sys:/a:rslave"), HOST)).isEqualTo("rslave");
        assertThat(Propagation.ofRoot(binds("/proc/sys:/a:rslave"), HOST)).isEqualTo("rslave");
        assertThat(Propagation.ofRoot(binds("/sys:/a:slave", "/proc:/b:rshared"), HOST))
                .isEqualTo("shared");
    }

    @Test
    void refusesWhatTheHostKeepsPrivateInDockersWords() {
        assertThatThrownBy(() -> Propagation.ofRoot(binds("/usr:/a:rshared"), HOST))
                .hasMessage("path /usr is mounted on / but it is not a shared mount");
        assertThatThrownBy(() -> Propagation.ofRoot(binds("/sys:/a:shared"), HOST))
                .hasMessage("path /sys is mounted on /sys but it is not a shared mount");
        assertThatThrownBy(() -> Propagation.ofRoot(binds("/usr:/a:rslave"), HOST))
                .hasMessage("path /usr is mounted on / but it is not a shared or slave mount");
    }

    private static List<MountPoint> binds(String... binds) {
        return MountPoints.of(Json.MAPPER.convertValue(java.util.Map.of("Binds", binds), HostConfig.class));
    }
}

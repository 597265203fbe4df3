package dev.capas.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CgroupMountTest {
    private static final List<CgroupMount> HYBRID = CgroupMount.of(List.of(
            "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
            "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 master:3 - cgroup cgroup rw,cpu,cpuacct",
            "40 31 0:37 /docker/ab /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd",
            "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate",
            "42 31 0:39 / /proc/sys rw"));

    private static Path directory(String controllers, String cgroup) {
        return HYBRID.stream()
                .filter(mount -> mount.holds(controllers))
                .findFirst()
                .orElseThrow()
                .resolve(cgroup);
    }

    @Test
    void findsTheHierarchyOfAController() {
        assertThat(HYBRID).hasSize(3);
        assertThat(directory("cpu,cpuacct", "/docker/x")).isEqualTo(Path.of("/sys/fs/cgroup/cpu,cpuacct/docker/x"));
        assertThat(directory("cpuacct", "/")).isEqualTo(Path.of("/sys/fs/cgroup/cpu,cpuacct"));
        assertThat(directory("", "/a")).isEqualTo(Path.of("/sys/fs/cgroup/unified/a"));
        assertThat(HYBRID).noneMatch(mount -> mount.holds("memory"));
    }

    @Test
    void countsFromWhatIsMounted() {
        assertThat(directory("name=systemd", "/docker/ab")).isEqualTo(Path.of("/sys/fs/cgroup/systemd"));
        assertThat(directory("name=systemd", "/docker/ab/docker/cd"))
                .isEqualTo(Path.of("/sys/fs/cgroup/systemd/docker/cd"));
        assertThat(directory("name=systemd", "/docker/abc")).isEqualTo(Path.of("/sys/fs/cgroup/systemd/docker/abc"));
    }
}

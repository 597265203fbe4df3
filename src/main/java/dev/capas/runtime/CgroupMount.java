package dev.capas.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Where a hierarchy of cgroups is mounted ({@code proc_pid_mountinfo(5)}).
 *
 * @param unified whether it is that of v2
 * @param options of the file system: for v1 the controllers, or {@code name=…}, are among them
 * @param root the cgroup that lies at the top of the mount; in a container without a cgroup namespace its own
 * @param directory where it is mounted
 */
record CgroupMount(boolean unified, List<String> options, String root, Path directory) {
    /** Those that the lines of a {@code mountinfo} tell of. */
    static List<CgroupMount> of(List<String> mountinfo) {
        List<CgroupMount> mounts = new ArrayList<>();
        for (String line : mountinfo) {
            String[] fields = line.split(" ");
            int type = Arrays.asList(fields).indexOf("-") + 1;
            if (type > 0 && (fields[type].equals("cgroup") || fields[type].equals("cgroup2"))) {
                mounts.add(new CgroupMount(
                        fields[type].equals("cgroup2"),
                        List.of(fields[type + 2].split(",")),
                        fields[3],
                        Path.of(fields[4])));
            }
        }
        return mounts;
    }

    /** Whether it is the one that a line of {@code /proc/<pid>/cgroup} means, by its second field. */
    boolean holds(String controllers) {
        return controllers.isEmpty() ? unified : !unified && options.containsAll(List.of(controllers.split(",")));
    }

    /** The directory of a cgroup, by the third field of such a line. */
    Path resolve(String cgroup) {
        String path = cgroup.equals(root) || cgroup.startsWith(root + "/") ? cgroup.substring(root.length()) : cgroup;
        return directory.resolve(path.replaceFirst("^/+", ""));
    }
}

package dev.capas.container.spec;

import dev.capas.container.Mount;
import dev.capas.errdefs.EngineException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The mount options of a tmpfs: Docker's own and those asked for, of which the last of each kind counts. */
final class Tmpfs {
    private static final List<String> DEFAULT = List.of("noexec", "nosuid", "nodev", "rprivate");
    private static final Set<String> KEYS = Set.of("size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol");
    /** What a flag sets or clears; two flags of one kind exclude each other. */
    private static final Map<String, String> FLAGS = Map.ofEntries(
            Map.entry("ro", "write"),
            Map.entry("rw", "write"),
            Map.entry("suid", "suid"),
            Map.entry("nosuid", "suid"),
            Map.entry("dev", "dev"),
            Map.entry("nodev", "dev"),
            Map.entry("exec", "exec"),
            Map.entry("noexec", "exec"),
            Map.entry("sync", "sync"),
            Map.entry("async", "sync"),
            Map.entry("dirsync", "dirsync"),
            Map.entry("mand", "mand"),
            Map.entry("nomand", "mand"),
            Map.entry("atime", "atime"),
            Map.entry("noatime", "atime"),
            Map.entry("diratime", "diratime"),
            Map.entry("nodiratime", "diratime"),
            Map.entry("relatime", "relatime"),
            Map.entry("norelatime", "relatime"),
            Map.entry("strictatime", "strictatime"),
            Map.entry("nostrictatime", "strictatime"),
            Map.entry("private", "propagation"),
            Map.entry("rprivate", "propagation"),
            Map.entry("shared", "propagation"),
            Map.entry("rshared", "propagation"),
            Map.entry("slave", "propagation"),
            Map.entry("rslave", "propagation"),
            Map.entry("unbindable", "propagation"),
            Map.entry("runbindable", "propagation"));

    private Tmpfs() {}

    /**
     * The options for a value of {@code HostConfig.Tmpfs}, separated by commas.
     *
     * @throws EngineException for one that a tmpfs does not have
     */
    static List<String> options(String given) {
        return merged(given.isEmpty() ? List.of() : List.of(given.split(",")));
    }

    /** The options for a mount of type tmpfs. */
    static List<String> options(boolean readOnly, Mount.@Nullable TmpfsOptions given) {
        List<String> options = new ArrayList<>();
        if (readOnly) {
            options.add("ro");
        }
        if (given != null) {
            if (given.mode() != 0) {
                options.add("mode=" + Integer.toOctalString(given.mode()));
            }
            if (given.sizeBytes() != 0) {
                options.add("size=" + size(given.sizeBytes()));
            }
            if (given.options() != null) {
                given.options().forEach(option -> options.add(String.join("=", option)));
            }
        }
        return merged(options);
    }

    /** What is wrong with the options of a mount, in Docker's words; null if nothing is. */
    static @Nullable String problem(Mount.@Nullable TmpfsOptions options) {
        for (List<String> option :
                options == null || options.options() == null ? List.<List<String>>of() : options.options()) {
            if (option.isEmpty()) {
                return "invalid option array of length 0";
            }
            if (option.size() != 1 || !Set.of("exec", "noexec").contains(option.getFirst())) {
                return "invalid option: " + option.getFirst();
            }
        }
        return null;
    }

    private static List<String> merged(List<String> given) {
        List<String> all = new ArrayList<>(DEFAULT);
        all.addAll(given);
        LinkedList<String> result = new LinkedList<>();
        Set<String> kinds = new HashSet<>();
        for (String option : all.reversed()) {
            if (option.equals("defaults") || option.isEmpty()) {
                continue;
            }
            String key = option.split("=", 2)[0];
            @Nullable String kind = option.contains("=") ? (KEYS.contains(key) ? key : null) : FLAGS.get(option);
            if (kind == null) {
                throw EngineException.system("invalid tmpfs option \"" + key + '"', null);
            }
            if (kinds.add(kind)) {
                result.addFirst(option);
            }
        }
        return result;
    }

    private static String size(long bytes) {
        String[] suffixes = {"g", "m", "k"};
        int shift = 30;
        for (String suffix : suffixes) {
            if (bytes % (1L << shift) == 0) {
                return (bytes >> shift) + suffix;
            }
            shift -= 10;
        }
        return Long.toString(bytes);
    }
}

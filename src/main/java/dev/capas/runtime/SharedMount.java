package dev.capas.runtime;

import dev.capas.linux.LinuxException;
import dev.capas.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * A directory below which what is mounted shows in slave mount namespaces too. Where it does not lie on a shared mount already, it is
 * mounted on itself; that stays while containers run, for the next daemon to find.
 */
final class SharedMount implements AutoCloseable {
    private static final int POINT = 4;
    private static final int FIRST_OPTIONAL = 6;

    private final Path directory;
    private final Path mark;
    private final String bootId;

    /**
     * Changes nothing yet.
     *
     * @param mark a file that says in which boot the directory was mounted on itself
     */
    SharedMount(Path directory, Path mark, String bootId) throws IOException {
        this.directory = directory.toRealPath();
        this.mark = mark;
        this.bootId = bootId;
    }

    /** Sees to it that the directory lies on a shared mount. */
    void make() throws IOException {
        if (!isShared()) {
            Mounts.bind(directory, directory);
            Mounts.propagation(directory, Mounts.MS_SHARED);
            Files.writeString(mark, bootId);
        }
    }

    /** Undoes it, unless something is mounted below still. */
    @Override
    public void close() throws IOException {
        if (!Files.exists(mark) || !Files.readString(mark).equals(bootId) || hasMountsBelow()) {
            return;
        }
        try {
            Mounts.unmount(directory, Mounts.DETACH);
        } catch (LinuxException e) {
            System.getLogger(SharedMount.class.getName())
                    .log(System.Logger.Level.WARNING, directory + " stays mounted", e);
        }
        Files.delete(mark);
    }

    /** The mount that the directory lies on is the one with the longest point, the last of several there. */
    private boolean isShared() throws IOException {
        String[] holder = {};
        for (String[] mount : mounts()) {
            if (directory.startsWith(mount[POINT])
                    && (holder.length == 0 || mount[POINT].length() >= holder[POINT].length())) {
                holder = mount;
            }
        }
        return Arrays.stream(holder)
                .skip(FIRST_OPTIONAL)
                .takeWhile(field -> !field.equals("-"))
                .anyMatch(field -> field.startsWith("shared:"));
    }

    private boolean hasMountsBelow() throws IOException {
        return mounts().stream().anyMatch(mount -> mount[POINT].startsWith(directory + "/"));
    }

    /** The fields of {@code /proc/self/mountinfo}, with the spaces in names as they are. */
    private static List<String[]> mounts() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .map(line -> line.split(" "))
                .peek(fields -> fields[POINT] = fields[POINT].replace("\\040", " "))
                .toList();
    }
}

package dev.capas.container;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A log and its rotated predecessors ({@code log.1} is the youngest of them) as one sequence of bytes, oldest first. The files
 * stay open, so that a rotation in the meantime takes nothing away; what rotation starts anew is followed.
 */
final class LogFiles implements AutoCloseable {
    private record OpenFile(FileChannel channel, Object key) {}

    private final Path path;
    private final List<OpenFile> files = new ArrayList<>();
    private int current;

    /** Opens what there is; a container that never started has no log, which reads as an empty one. */
    LogFiles(Path path) throws IOException {
        this.path = path;
        openYoungerThan(null);
    }

    /** The name of a log that was rotated so many times. */
    static Path rotated(Path path, int times) {
        return times == 0 ? path : path.resolveSibling(path.getFileName() + "." + times);
    }

    /** The bytes of a log and its predecessors, as far as they are there. */
    static long size(Path path) {
        long size = 0;
        for (int age = 0; ; age++) {
            File file = rotated(path, age).toFile();
            if (age > 0 && !file.exists()) {
                return size;
            }
            size += file.length();
        }
    }

    /** Opens the files that came after the given one, or all; false where there is none yet. */
    private boolean openYoungerThan(@Nullable OpenFile last) throws IOException {
        List<OpenFile> younger = new ArrayList<>();
        for (int age = 0; ; age++) {
            OpenFile file = open(rotated(path, age));
            if (file == null || (last != null && file.key().equals(last.key()))) {
                if (file != null) {
                    file.channel().close();
                } else if (age == 0 && last == null) {
                    continue; // just rotated, and not opened anew yet
                }
                break;
            }
            if (!younger.isEmpty() && younger.getFirst().key().equals(file.key())) {
                file.channel().close(); // rotated between two opens, and so seen under two names
            } else {
                younger.addFirst(file);
            }
        }
        files.addAll(younger);
        return !younger.isEmpty();
    }

    private static @Nullable OpenFile open(Path path) throws IOException {
        while (true) {
            try {
                Object before = key(path);
                FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
                if (before.equals(key(path))) {
                    return new OpenFile(channel, before);
                }
                channel.close();
            } catch (NoSuchFileException e) {
                return null;
            }
        }
    }

    private static Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    /** Bytes of all files at this moment. */
    long size() throws IOException {
        long size = 0;
        for (OpenFile file : files) {
            size += file.channel().size();
        }
        return size;
    }

    /** Goes to a place, counted from the beginning of the oldest file. */
    void seek(long position) throws IOException {
        long left = position;
        current = 0;
        for (int i = 0; i < files.size(); i++) {
            FileChannel channel = files.get(i).channel();
            long size = channel.size();
            channel.position(Math.min(left, size));
            left -= Math.min(left, size);
        }
    }

    /** Reads on; -1 at the end of what there is now, which may have grown the next time. */
    int read(ByteBuffer target) throws IOException {
        while (current < files.size()) {
            OpenFile file = files.get(current);
            int read = file.channel().read(target);
            if (read >= 0) {
                return read;
            }
            if (current == files.size() - 1) {
                if (!openYoungerThan(file)) {
                    return -1;
                }
                read = file.channel().read(target); // what was written until the log was opened anew
                if (read >= 0) {
                    return read;
                }
            }
            current++;
        }
        return files.isEmpty() && openYoungerThan(null) ? read(target) : -1;
    }

    @Override
    public void close() throws IOException {
        for (OpenFile file : files) {
            file.channel().close();
        }
    }
}

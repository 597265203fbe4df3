package dev.capas.linux;

import static dev.capas.linux.Native.call;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A directory whose directories have nothing to do with one another. ext4 puts what is in a directory near it, all into the same few block
 * groups; then those who write at the same time wait for one another, and without a journal every file that is made passes over all inodes
 * that were freed there in the last minutes: ten times as slow where trees come and go. The attribute {@code T} of {@code chattr} spreads
 * them over the disk.
 */
public final class TopDirectory {
    private static final long FS_IOC_GETFLAGS = 0x80086601L;
    private static final long FS_IOC_SETFLAGS = 0x40086602L;
    private static final int FS_TOPDIR_FL = 0x00020000;

    private TopDirectory() {}

    /** Makes the directory, and those above it, where they are missing, and gives it the attribute where the file system has such a thing. */
    public static Path create(Path path) throws IOException {
        Files.createDirectories(path);
        try (Arena arena = Arena.ofConfined();
                Directory directory = Directory.open(path)) {
            int number = directory.fd().number();
            MemorySegment flags = arena.allocate(Native.INT);
            if (call(arena, SystemCall.IOCTL, number, FS_IOC_GETFLAGS, flags.address()) == 0) {
                flags.set(Native.INT, 0, flags.get(Native.INT, 0) | FS_TOPDIR_FL);
                call(arena, SystemCall.IOCTL, number, FS_IOC_SETFLAGS, flags.address());
            }
        }
        return path;
    }
}

package dev.capas.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An ext4 file system in a file, mounted, that a test can fill. */
final class SmallDisk implements AutoCloseable {
    private final Path image;
    private final Path mount;

    private SmallDisk(Path image, Path mount) {
        this.image = image;
        this.mount = mount;
    }

    static SmallDisk of(int mebibytes) throws IOException {
        SmallDisk disk = new SmallDisk(Files.createTempFile("small", ".ext4"), Files.createTempDirectory("small"));
        Command.run("truncate", "-s", mebibytes + "M", disk.image.toString()).ok();
        Command.run("mkfs.ext4", "-q", "-m", "0", disk.image.toString()).ok();
        Command.run("mount", "-o", "loop", disk.image.toString(), disk.mount.toString())
                .ok();
        return disk;
    }

    /** Where it is mounted. */
    Path path() {
        return mount;
    }

    long free() {
        return mount.toFile().getUsableSpace();
    }

    /** Leaves this much free, and nothing where that is 0. */
    void fillUpTo(int mebibytes) {
        long amount = free() - ((long) mebibytes << 20);
        Command.run("sh", "-c", "head -c " + amount + " /dev/zero >>\"$0\"", filler().toString());
        if (mebibytes == 0) {
            Command.run("sh", "-c", "cat /dev/zero >>\"$0\"", filler().toString());
        }
    }

    /** Takes away what filled it. */
    void makeRoom() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return mount.resolve("filler");
    }

    @Override
    public void close() throws IOException {
        Mounts.unmountBelow(mount);
        Command.run("umount", "-l", mount.toString());
        Files.delete(mount);
        Files.delete(image);
    }
}

package dev.capas.container;

import static dev.capas.linux.Directory.name;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.container.spec.Users;
import dev.capas.errdefs.EngineException;
import dev.capas.home.EngineHome;
import dev.capas.layer.ReadWriteLayer;
import dev.capas.layer.tar.CopyIn;
import dev.capas.layer.tar.TreeArchive;
import dev.capas.linux.Directory;
import dev.capas.linux.Errno;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Stat;
import dev.capas.runtime.Spec;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * Copies files out of containers and into them. Of a running one everything is seen that its processes see, its mounts too; of a
 * stopped one its root filesystem and its bind mounts and volumes. No symbolic link leads out of it.
 */
@Service
public class ContainerArchive {
    /**
     * What {@code X-Docker-Container-Path-Stat} tells of a path, as JSON.
     *
     * @param name the last component
     * @param size in bytes
     * @param mode as Go's {@code os.FileMode} has it
     * @param mtime RFC 3339
     * @param linkTarget for a symbolic link, the path it leads to within the container, else empty
     */
    public record PathStat(
            @JsonProperty("name") String name,
            @JsonProperty("size") long size,
            @JsonProperty("mode") long mode,
            @JsonProperty("mtime") String mtime,
            @JsonProperty("linkTarget") String linkTarget) {}

    /** What each start mounts of the container's own directory. */
    private static final Set<String> FILES = Set.of("/etc/hostname", "/etc/hosts", "/etc/resolv.conf");

    private static final long GO_DIRECTORY = 1L << 31;
    private static final long GO_SYMLINK = 1L << 27;
    private static final long GO_DEVICE = 1L << 26;
    private static final long GO_FIFO = 1L << 25;
    private static final long GO_SOCKET = 1L << 24;
    private static final long GO_SETUID = 1L << 23;
    private static final long GO_SETGID = 1L << 22;
    private static final long GO_CHARACTER = 1L << 21;
    private static final long GO_STICKY = 1L << 20;

    private final Containers containers;
    private final ContainerEvents events;
    private final ContainerMounts mounts;
    private final EngineHome home;

    ContainerArchive(Containers containers, ContainerEvents events, ContainerMounts mounts, EngineHome home) {
        this.containers = containers;
        this.events = events;
        this.mounts = mounts;
        this.home = home;
    }

    /** A path in the file system that it lies on, which stays as it is for as long as this is open. */
    private record Target(Directory root, String path, ReadWriteLayer.Use use) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            try (use) {
                root.close();
            }
        }
    }

    /** Something done with the file system that a path of a container lies on. */
    private interface Work<T> {
        T with(Target target) throws IOException;
    }

    /**
     * What is at a path.
     *
     * @throws EngineException if there is no such container or nothing at the path (404), or the path is empty (400)
     */
    public PathStat stat(String id, String path) {
        Container container = find(id, path);
        return on(container, id, path, target -> stat(target, path));
    }

    /**
     * Writes what is at a path as a tar, whose first entry is named by the last component.
     *
     * @param head is given the stat before the first byte is written
     */
    public void copyOut(String id, String path, java.util.function.Consumer<PathStat> head, OutputStream out) {
        Container container = find(id, path);
        on(container, id, path, target -> {
            PathStat stat = stat(target, path);
            head.accept(stat);
            events.publish(container, "archive-path");
            String clean = clean(target.path());
            byte[] as = name(stat.name().equals(".") ? "./" : stat.name());
            if (path.endsWith("/") || path.endsWith("/.")) {
                try (Directory directory = open(target.root(), clean)) {
                    TreeArchive.writeOne(directory, name("."), as, devices(container, target, directory), out);
                }
            } else {
                try (Directory parent = open(target.root(), parent(clean))) {
                    TreeArchive.writeOne(parent, name(last(clean)), as, devices(container, target, parent), out);
                }
            }
            return 0;
        });
    }

    /**
     * Extracts a tar, of whatever compression, into a directory.
     *
     * @param keepKinds {@code noOverwriteDirNonDir}
     * @param copyOwner {@code copyUIDGID}: whether what is copied belongs to the container's user instead of whom the archive says
     * @throws EngineException if there is no such directory (404), it is none (400) or cannot be written (400, 403)
     */
    public void copyIn(String id, String path, boolean keepKinds, boolean copyOwner, InputStream tar) {
        Container container = find(id, path);
        on(container, id, path, target -> {
            if (!isDirectory(target)) {
                throw EngineException.invalidParameter("extraction point is not a directory");
            }
            checkWritable(container, path);
            CopyIn.Owner owner = copyOwner ? ownerOf(container) : null;
            container.readWriteLayer().willBeWritten();
            String into = "/" + clean(path);
            extract(home.freeSpace().metered(tar, into), target, into, keepKinds, owner);
            events.publish(container, "extract-to-dir");
            return 0;
        });
    }

    /** What is wrong with the archive is an error of the server in dockerd. */
    private static void extract(
            InputStream tar, Target target, String path, boolean keepKinds, CopyIn.@Nullable Owner owner)
            throws IOException {
        try {
            CopyIn.extract(tar, open(target.root(), clean(target.path())), path, keepKinds, owner);
        } catch (EngineException e) {
            throw EngineException.system(e.getMessage(), e);
        }
    }

    /**
     * Writes everything that a container sees of its root filesystem as a tar, without what is mounted there.
     *
     * @throws EngineException if there is no such container (404)
     */
    public void export(String id, OutputStream out) {
        Container container = containers.get(id);
        try {
            container.readWriteLayer().export(out);
            events.publish(container, "export");
        } catch (IOException e) {
            throw EngineException.system(e.getMessage(), e);
        }
    }

    private Container find(String id, String path) {
        if (path.isEmpty()) {
            throw EngineException.invalidParameter("bad parameter: pathcannot be empty");
        }
        return containers.get(id);
    }

    /** The root filesystem's device, those of bind mounts and volumes, and that of what was asked for: not {@code /proc}, {@code /sys} and the like. */
    private static LongPredicate devices(Container container, Target target, Directory asked) throws IOException {
        Set<Long> devices = new HashSet<>();
        devices.add(target.root().stat().device());
        devices.add(asked.stat().device());
        for (MountPoint mount : container.mounts()) {
            if (!mount.source().isEmpty()) {
                try (Directory source = Directory.open(Path.of(mount.source()))) {
                    devices.add(source.stat().device());
                } catch (LinuxException e) {
                    if (e.errno() != Errno.ENOTDIR && e.errno() != Errno.ENOENT) {
                        throw e;
                    }
                }
            }
        }
        return devices::contains;
    }

    private static CopyIn.Owner ownerOf(Container container) throws IOException {
        try (ReadWriteLayer.Use mounted = container.readWriteLayer().use()) {
            Spec.User user = new Users(container.readWriteLayer().mountPoint())
                    .find(container.config().user(), List.of());
            return new CopyIn.Owner((int) user.uid(), (int) user.gid());
        }
    }

    private <T> T on(Container container, String id, String path, Work<T> work) {
        if (path.indexOf('\0') >= 0) {
            throw EngineException.system("lstat " + path + ": invalid argument", null);
        }
        try (Target target = target(container, path)) {
            return work.with(target);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                throw EngineException.notFound("Could not find the file " + path + " in container " + id);
            }
            throw EngineException.system(
                    e.errno() == Errno.ENOTDIR ? "lstat " + path + ": " + e.reason() : e.getMessage(), e);
        } catch (IOException e) {
            throw EngineException.system(e.getMessage(), e);
        }
    }

    /** Locks the container no longer than this takes: a client may be slow, and the container must go on, end or be removed all the same. */
    private Target target(Container container, String path) throws IOException {
        container.lock().lock();
        try {
            Optional<Task> task = container.task();
            if (task.isPresent()) {
                return open(
                        container.readWriteLayer().use(),
                        Path.of("/proc/" + task.get().init().pid() + "/root"),
                        path);
            }
            Optional<MountPoint> mount = mount(container, path);
            if (mount.isPresent()) {
                return mounted(
                        mounts.use(container),
                        Path.of(mount.get().source()),
                        clean(path).substring(clean(mount.get().destination()).length()));
            }
            Path file = container.directory().resolve(last(clean(path)));
            if (FILES.contains("/" + clean(path)) && Files.exists(file)) {
                return mounted(() -> {}, file, "");
            }
            return open(
                    container.readWriteLayer().use(), container.readWriteLayer().mountPoint(), path);
        } finally {
            container.lock().unlock();
        }
    }

    /** A path below what would be mounted, which may be a file. */
    private static Target mounted(ReadWriteLayer.Use use, Path source, String inside) throws IOException {
        if (Files.isDirectory(source)) {
            return open(use, source, inside.isEmpty() ? "/" : inside);
        }
        return open(use, Objects.requireNonNull(source.getParent()), "/" + source.getFileName() + inside);
    }

    private static Target open(ReadWriteLayer.Use use, Path root, String path) throws IOException {
        try {
            return new Target(Directory.open(root), path, use);
        } catch (IOException e) {
            use.close();
            throw e;
        }
    }

    private static Optional<MountPoint> mount(Container container, String path) {
        String clean = clean(path) + "/";
        return container.mounts().stream()
                .filter(mount -> !mount.source().isEmpty() && clean.startsWith(clean(mount.destination()) + "/"))
                .max(Comparator.comparingInt(mount -> mount.destination().length()));
    }

    private static void checkWritable(Container container, String path) {
        Optional<MountPoint> mount = mount(container, path);
        if (mount.isPresent() && !mount.get().rw()) {
            throw EngineException.invalidParameter("mounted volume is marked read-only");
        }
        if (mount.isEmpty() && container.hostConfig().readonlyRootfs()) {
            throw EngineException.invalidParameter("container rootfs is marked read-only");
        }
    }

    private static PathStat stat(Target target, String asked) throws IOException {
        String clean = clean(target.path());
        boolean follow = asked.endsWith("/") || asked.endsWith("/.");
        Stat stat;
        String link = "";
        if (follow || clean.isEmpty()) {
            try (Directory directory = open(target.root(), clean)) {
                stat = directory.stat();
            }
        } else {
            try (Directory parent = open(target.root(), parent(clean))) {
                stat = parent.stat(name(last(clean)));
                if (stat.isSymlink()) {
                    link = linkTarget(clean, new String(parent.readlink(name(last(clean))), StandardCharsets.UTF_8));
                }
            }
        }
        String time = DateTimeFormatter.ISO_INSTANT.format(
                Instant.ofEpochSecond(stat.mtime(), stat.mtimeNanos()).atOffset(ZoneOffset.UTC));
        return new PathStat(base(asked), stat.size(), goMode(stat), shortened(time), link);
    }

    /** The last component of a path as it was asked for, as Go's {@code filepath.Base} has it. */
    private static String base(String asked) {
        String stripped = asked.replaceFirst("/+$", "");
        return stripped.isEmpty() ? "/" : stripped.substring(stripped.lastIndexOf('/') + 1);
    }

    private static boolean isDirectory(Target target) throws IOException {
        try (Directory directory = open(target.root(), clean(target.path()))) {
            return directory.stat().isDirectory();
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOTDIR) {
                return false;
            }
            throw e;
        }
    }

    private static Directory open(Directory root, String clean) throws LinuxException {
        return root.openDirectory(name(clean.isEmpty() ? "." : clean));
    }

    private static String linkTarget(String link, String target) {
        return "/" + clean(target.startsWith("/") ? target : parent(link) + "/" + target);
    }

    /** Go prints no more digits of a fraction than it has. */
    private static String shortened(String time) {
        return time.contains(".") ? time.replaceFirst("0+Z$", "Z").replace(".Z", "Z") : time;
    }

    private static long goMode(Stat stat) {
        long mode = stat.mode() & 0777;
        mode |= (stat.mode() & 04000) == 0 ? 0 : GO_SETUID;
        mode |= (stat.mode() & 02000) == 0 ? 0 : GO_SETGID;
        mode |= (stat.mode() & 01000) == 0 ? 0 : GO_STICKY;
        return mode
                | switch (stat.type()) {
                    case Stat.DIRECTORY -> GO_DIRECTORY;
                    case Stat.SYMLINK -> GO_SYMLINK;
                    case Stat.CHARACTER_DEVICE -> GO_DEVICE | GO_CHARACTER;
                    case Stat.BLOCK_DEVICE -> GO_DEVICE;
                    case Stat.FIFO -> GO_FIFO;
                    case Stat.SOCKET -> GO_SOCKET;
                    default -> 0;
                };
    }

    /** Without empty, {@code .} and {@code ..} components and without slashes at either end. */
    private static String clean(String path) {
        java.util.ArrayDeque<String> components = new java.util.ArrayDeque<>();
        for (String component : path.split("/")) {
            if (component.equals("..")) {
                components.pollLast();
            } else if (!component.isEmpty() && !component.equals(".")) {
                components.addLast(component);
            }
        }
        return String.join("/", components);
    }

    private static String parent(String clean) {
        return clean.substring(0, Math.max(0, clean.lastIndexOf('/')));
    }

    private static String last(String clean) {
        return clean.isEmpty() ? "." : clean.substring(clean.lastIndexOf('/') + 1);
    }
}

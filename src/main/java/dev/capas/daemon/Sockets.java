package dev.capas.daemon;

import dev.capas.daemon.ListenAddress.Unix;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The files of the Unix sockets, before Tomcat makes them and after. */
final class Sockets {
    private Sockets() {}

    /** Whether nobody listens there: no file, or a socket that its owner left behind. */
    static boolean isFree(Path socket) {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return Files.isWritable(socket.getParent());
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return false;
        } catch (IOException e) {
            return isSocket(socket);
        }
    }

    private static boolean isSocket(Path path) {
        try {
            return ((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 0170000) == 0140000;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Makes room for the sockets.
     *
     * @throws IllegalStateException if somebody listens there, or something else has the name
     */
    static void prepare(DaemonSettings settings) throws IOException {
        for (Path socket : paths(settings)) {
            Files.createDirectories(socket.getParent());
            if (!isFree(socket)) {
                throw new IllegalStateException("can't create unix socket " + socket + ": it is in use");
            }
            Files.deleteIfExists(socket);
        }
    }

    /** Gives the sockets to the groups that may use them. */
    static void share(DaemonSettings settings) throws IOException {
        Map<Path, String> own = new HashMap<>();
        for (ReadOnlyHost host : settings.readOnly()) {
            if (host.group() != null && host.address() instanceof Unix unix) {
                own.put(unix.path(), host.group());
            }
        }
        for (Path socket : paths(settings)) {
            share(socket, own.getOrDefault(socket, settings.group()));
        }
    }

    private static void share(Path socket, @Nullable String asked) throws IOException {
        try {
            GroupPrincipal group = FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByGroupName(asked == null ? "docker" : asked);
            Files.getFileAttributeView(socket, PosixFileAttributeView.class).setGroup(group);
        } catch (UserPrincipalNotFoundException e) {
            if (asked != null) {
                throw new IllegalArgumentException("group " + asked + " not found", e);
            }
        } catch (IOException e) {
            if (asked != null) {
                throw e;
            }
        }
    }

    private static List<Path> paths(DaemonSettings settings) {
        return settings.addresses().stream()
                .filter(Unix.class::isInstance)
                .map(address -> ((Unix) address).path())
                .toList();
    }
}

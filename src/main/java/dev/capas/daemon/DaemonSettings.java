package dev.capas.daemon;

import dev.capas.container.ContainerDefaults;
import dev.capas.home.EngineHome;
import dev.capas.network.NetworkDefaults;
import dev.capas.runtime.RuntimeSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the command line and the configuration file say together.
 *
 * @param listen where to listen, at least one address
 * @param readOnly where to listen for those who may only read
 * @param metrics where to tell figures to a monitor, and nothing else; null for nowhere
 * @param group the group that may use the sockets; null for the default, {@code docker} where it exists
 * @param tls null where TCP is not secured
 * @param unauthenticatedTcp whether TCP may be open to other machines though its clients show no certificate
 * @param runtimes further OCI runtimes by name
 * @param labels {@code key=value}, shown to clients
 * @param containers what containers get that say nothing else
 * @param networks what networks get that say nothing else
 * @param database null for the embedded one
 * @param withoutEffect keys of the configuration file that are overlooked
 */
record DaemonSettings(
        List<ListenAddress> listen,
        List<ReadOnlyHost> readOnly,
        @Nullable ListenAddress metrics,
        EngineHome home,
        Verbosity verbosity,
        Path pidFile,
        @Nullable String group,
        @Nullable Tls tls,
        boolean unauthenticatedTcp,
        String defaultRuntime,
        Map<String, Path> runtimes,
        List<String> insecureRegistries,
        List<String> registryMirrors,
        List<String> labels,
        ContainerDefaults containers,
        NetworkDefaults networks,
        @Nullable Database database,
        List<String> withoutEffect) {
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://.*");

    /** A database of its own, by its JDBC URL. */
    record Database(String url, String user, String password) {}

    /**
     * Refuses what contradicts itself, and what would open the engine, and with it the machine, to others.
     *
     * @throws IllegalArgumentException naming what it is, in dockerd's words where dockerd refuses it too
     */
    void check() {
        listen.forEach(this::checkAddress);
        addresses().forEach(this::checkNotTaken);
        if (tls != null) {
            tls.check();
        }
        registryMirrors.forEach(DaemonSettings::checkMirror);
        for (String registry : insecureRegistries) {
            if (registry.contains("://")) {
                throw new IllegalArgumentException("insecure registry " + registry + " should not contain '://'");
            }
        }
        for (String label : labels) {
            if (label.indexOf('=') < 1) {
                throw new IllegalArgumentException("bad attribute format: " + label);
            }
        }
        if (!RuntimeSettings.KNOWN.contains(defaultRuntime) && !runtimes.containsKey(defaultRuntime)) {
            throw new IllegalArgumentException("specified default runtime '" + defaultRuntime + "' does not exist");
        }
    }

    /** These settings with those of others that may change while the engine runs. */
    DaemonSettings reloaded(DaemonSettings others) {
        return new DaemonSettings(
                listen,
                readOnly,
                metrics,
                home,
                others.verbosity,
                pidFile,
                group,
                tls,
                unauthenticatedTcp,
                defaultRuntime,
                runtimes,
                others.insecureRegistries,
                others.registryMirrors,
                others.labels,
                containers,
                networks,
                database,
                withoutEffect);
    }

    /** Where it listens, whoever for; the first is one that all may be asked at. */
    List<ListenAddress> addresses() {
        return Stream.of(listen.stream(), readOnly.stream().map(ReadOnlyHost::address), Stream.ofNullable(metrics))
                .flatMap(Function.identity())
                .toList();
    }

    private void checkNotTaken(ListenAddress address) {
        if (Collections.frequency(addresses(), address) > 1) {
            throw new IllegalArgumentException(address + " is asked for twice");
        }
        if (address instanceof ListenAddress.Unix unix && Files.isDirectory(unix.path())) {
            throw new IllegalArgumentException("can't create unix socket " + unix.path() + ": is a directory");
        }
    }

    private void checkAddress(ListenAddress address) {
        boolean verified = tls != null && tls.verify();
        if (address instanceof ListenAddress.Tcp tcp && !tcp.isLoopback() && !verified && !unauthenticatedTcp) {
            throw new IllegalArgumentException(
                    "listening on " + tcp + " would give everyone who reaches it root on this"
                            + " machine: add --tlsverify, or --allow-unauthenticated-tcp if that is what you want");
        }
    }

    private static void checkMirror(String mirror) {
        Matcher scheme = SCHEME.matcher(mirror);
        if (!scheme.matches()) {
            throw mirror("no scheme specified for \"" + mirror + "\": must use either 'https://' or 'http://'");
        } else if (!Set.of("http", "https").contains(scheme.group(1))) {
            throw mirror("unsupported scheme \"" + scheme.group(1) + "\" in \"" + mirror
                    + "\": must use either 'https://' or 'http://'");
        } else if (mirror.indexOf('?') >= 0 || mirror.indexOf('#') >= 0) {
            throw mirror("query or fragment at end of the URI \"" + mirror + "\"");
        }
    }

    private static IllegalArgumentException mirror(String reason) {
        return new IllegalArgumentException("invalid mirror: " + reason);
    }
}

package dev.capas.daemon;

import dev.capas.home.EngineHome;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the command line and the configuration file say together.
 *
 * @param listen where to listen, at least one address
 * @param group the group that may use the sockets; null for the default, {@code docker} where it exists
 * @param tls null where TCP is not secured
 * @param unauthenticatedTcp whether TCP may be open to other machines though its clients show no certificate
 * @param runtimes further OCI runtimes by name
 * @param database null for the embedded one
 */
record DaemonSettings(
        List<ListenAddress> listen,
        EngineHome home,
        String logLevel,
        Path pidFile,
        @Nullable String group,
        @Nullable Tls tls,
        boolean unauthenticatedTcp,
        String defaultRuntime,
        Map<String, Path> runtimes,
        List<String> insecureRegistries,
        List<String> registryMirrors,
        @Nullable Database database) {
    /** A database of its own, by its JDBC URL. */
    record Database(String url, String user, String password) {}

    /**
     * Refuses what would open the engine, and with it the machine, to others.
     *
     * @throws IllegalArgumentException if a TCP address is not on loopback and its clients need no certificate
     */
    void check() {
        boolean verified = tls != null && tls.verify();
        for (ListenAddress address : listen) {
            if (address instanceof ListenAddress.Tcp tcp && !tcp.isLoopback() && !verified && !unauthenticatedTcp) {
                throw new IllegalArgumentException(
                        "listening on " + tcp + " would give everyone who reaches it root on this"
                                + " machine: add --tlsverify, or --allow-unauthenticated-tcp if that is what you want");
            }
        }
    }
}

package dev.capas.daemon;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How TCP connections are secured.
 *
 * @param verify whether a client must show a certificate that the authority signed
 * @param authority PEM, the certificates that sign clients
 * @param certificate PEM, the daemon's own
 * @param key PEM, its private key
 */
record Tls(boolean verify, Path authority, Path certificate, Path key) {
    /**
     * Whether the files are there.
     *
     * @throws IllegalArgumentException naming the one that is not, in dockerd's words
     */
    void check() {
        for (Path file : List.of(certificate, key)) {
            if (!Files.isReadable(file)) {
                throw invalid("Could not load X509 key pair (cert: \"" + certificate + "\", key: \"" + key + "\"): "
                        + open(file));
            }
        }
        if (verify && !Files.isReadable(authority)) {
            throw invalid("could not read CA certificate \"" + authority + "\": " + open(authority));
        }
    }

    private static String open(Path file) {
        return "open " + file + ": " + (Files.exists(file) ? "permission denied" : "no such file or directory");
    }

    private static IllegalArgumentException invalid(String reason) {
        return new IllegalArgumentException("invalid TLS configuration: " + reason);
    }
}

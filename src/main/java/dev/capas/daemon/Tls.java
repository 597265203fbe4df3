package dev.capas.daemon;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
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

    /**
     * The authority's certificates, as what clients are checked against. Tomcat takes a file of them only where OpenSSL does the
     * work, and would trust every public authority instead.
     */
    KeyStore trusted() {
        try (InputStream in = Files.newInputStream(authority)) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca-" + store.size(), one);
            }
            if (store.size() == 0) {
                throw invalid("failed to append certificates from PEM file: \"" + authority + "\"");
            }
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "invalid TLS configuration: failed to append certificates from PEM file: \"" + authority + "\"", e);
        }
    }

    private static String open(Path file) {
        return "open " + file + ": " + (Files.exists(file) ? "permission denied" : "no such file or directory");
    }

    private static IllegalArgumentException invalid(String reason) {
        return new IllegalArgumentException("invalid TLS configuration: " + reason);
    }
}

package dev.capas.layer;

import dev.capas.layer.tar.Journal;
import dev.capas.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.Optional;

/** Whether a layer on disk is still the one that its name says. */
final class LayerVerification {
    /** As many characters as the column {@code layer.damaged} takes. */
    private static final int LONGEST = 1024;

    private LayerVerification() {}

    /** What is wrong with a layer; empty where its tar still has the digest. */
    static Optional<String> damage(Path layer, Digest diffId) {
        try (DigestOutputStream digesting = new DigestOutputStream(OutputStream.nullOutputStream(), Digest.sha256())) {
            Journal.writeTar(layer, digesting);
            Digest now = Digest.of(digesting.getMessageDigest().digest());
            return now.equals(diffId) ? Optional.empty() : Optional.of("its digest is now " + now);
        } catch (IOException | RuntimeException e) {
            String message = String.valueOf(e.getMessage());
            return Optional.of(message.substring(0, Math.min(message.length(), LONGEST)));
        }
    }
}

package dev.capas.oci;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A SHA-256 content digest, written {@code sha256:<64 lower-case hex digits>} (OCI image specification, "Digests"). As the
 * key of a layer it is the DiffID: the digest of the layer's uncompressed tar.
 *
 * @param hex the 64 lower-case hexadecimal digits
 */
public record Digest(String hex) implements Comparable<Digest> {
    private static final String PREFIX = "sha256:";
    private static final int DIGITS = 64;

    /**
     * Checks the digits.
     *
     * @throws IllegalArgumentException if they are not 64 lower-case hexadecimal digits
     */
    public Digest {
        if (hex.length() != DIGITS || !hex.chars().allMatch(Digest::isDigit)) {
            throw new IllegalArgumentException("invalid checksum digest format");
        }
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
    }

    /**
     * Reads {@code sha256:<hex>}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Digest of(String text) {
        if (!text.startsWith(PREFIX)) {
            throw new IllegalArgumentException("invalid checksum digest format");
        }
        return new Digest(text.substring(PREFIX.length()));
    }

    /** Takes the 32 bytes that a finished SHA-256 computation gives. */
    public static Digest of(byte[] sha256) {
        return new Digest(HexFormat.of().formatHex(sha256));
    }

    /** The digest of these bytes. */
    public static Digest ofContent(byte[] content) {
        return of(sha256().digest(content));
    }

    /** A new SHA-256 computation. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The ChainID of a stack of which this is the ChainID and on which a layer with this DiffID is laid (OCI image specification, "Layer ChainID"). */
    public Digest chain(Digest diffId) {
        return ofContent((this + " " + diffId).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    /** The 32 bytes that the digits stand for. */
    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    /** The first twelve digits, as clients print them. */
    public String shortHex() {
        return hex.substring(0, 12);
    }

    @Override
    public int compareTo(Digest other) {
        return hex.compareTo(other.hex);
    }

    @Override
    @JsonValue
    public String toString() {
        return PREFIX + hex;
    }
}

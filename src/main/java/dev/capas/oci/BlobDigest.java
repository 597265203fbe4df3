package dev.capas.oci;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The digest by which a registry knows a blob or a manifest, of any algorithm that dockerd takes (OCI image specification, "Digests").
 * Here layers and images are known by a {@link Digest} alone.
 *
 * @param algorithm {@code sha256}, {@code sha384} or {@code sha512}
 * @param hex as many lower-case hexadecimal digits as the algorithm gives
 */
public record BlobDigest(String algorithm, String hex) {
    private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

    /**
     * Checks both.
     *
     * @throws IllegalArgumentException if the algorithm is another, or the digits are not what it gives
     */
    public BlobDigest {
        int digits = switch (algorithm) {
            case "sha256" -> 64;
            case "sha384" -> 96;
            case "sha512" -> 128;
            default -> throw new IllegalArgumentException("unsupported digest algorithm");
        };
        if (hex.length() != digits || !HEX.matcher(hex).matches()) {
            throw new IllegalArgumentException("invalid checksum digest format");
        }
    }

    /**
     * Reads {@code algorithm:hex}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static BlobDigest of(String text) {
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("invalid checksum digest format");
        }
        return new BlobDigest(text.substring(0, colon), text.substring(colon + 1));
    }

    /** The same digest. */
    public static BlobDigest of(Digest digest) {
        return new BlobDigest("sha256", digest.hex());
    }

    /** A new computation of the algorithm. */
    public MessageDigest computation() {
        try {
            return MessageDigest.getInstance("SHA-" + algorithm.substring(3));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether a computation has come to this; it is reset. */
    public boolean equalsResultOf(MessageDigest computation) {
        return Arrays.equals(computation.digest(), HexFormat.of().parseHex(hex));
    }

    /** Whether it is the digest of these bytes. */
    public boolean isOf(byte[] content) {
        MessageDigest computation = computation();
        computation.update(content);
        return equalsResultOf(computation);
    }

    /** The first twelve digits, as clients print them. */
    public String shortHex() {
        return hex.substring(0, 12);
    }

    @Override
    @JsonValue
    public String toString() {
        return algorithm + ":" + hex;
    }
}

package dev.capas.usage;

import dev.capas.errdefs.EngineException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A path of a tree as clients write and read it. Names are bytes and need not be text: in a query a path is percent-encoded, byte for
 * byte; in an answer it is text, and has its percent-encoded form beside it where the text is not all.
 *
 * @param text with a leading slash; what is no UTF-8 is U+FFFD in it
 * @param encoded percent-encoded, for queries; null where the text is exact
 */
public record FilePath(String text, @Nullable String encoded) {
    /** What of a path stands for itself in a query (RFC 3986, "Unreserved Characters"), and the slash. */
    private static final String UNRESERVED = "-._~/";

    /**
     * The form for clients.
     *
     * @param key without a leading slash, each character a byte
     */
    static FilePath of(String key) {
        byte[] bytes = ("/" + key).getBytes(StandardCharsets.ISO_8859_1);
        try {
            return new FilePath(
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(bytes))
                            .toString(),
                    null);
        } catch (CharacterCodingException e) {
            return new FilePath(new String(bytes, StandardCharsets.UTF_8), encode(bytes));
        }
    }

    /**
     * Reads the value of a parameter as it stands in a query.
     *
     * @return without slashes at its ends, each character a byte; empty for the root
     * @throws EngineException if it is not percent-encoded rightly, has a NUL or the component {@code ..} (400)
     */
    static String key(String encoded) {
        String decoded = decode(encoded);
        if (decoded.indexOf('\0') >= 0) {
            throw EngineException.invalidParameter("invalid path: it has a NUL");
        }
        String key = Arrays.stream(decoded.split("/"))
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .collect(Collectors.joining("/"));
        if (Arrays.asList(key.split("/")).contains("..")) {
            throw EngineException.invalidParameter(
                    "invalid path '" + of(key).text() + "': '..' is not followed, name the directory itself");
        }
        return key;
    }

    private static String decode(String encoded) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c != '%') {
                bytes.writeBytes((c == '+' ? " " : String.valueOf(c)).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            boolean whole = i + 2 < encoded.length();
            int high = whole ? Character.digit(encoded.charAt(i + 1), 16) : -1;
            int low = whole ? Character.digit(encoded.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                throw EngineException.invalidParameter("invalid path: '%' needs two hexadecimal digits after it");
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private static String encode(byte[] bytes) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : bytes) {
            char c = (char) (b & 0xff);
            boolean plain =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || UNRESERVED.indexOf(c) >= 0;
            encoded.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return encoded.toString();
    }
}

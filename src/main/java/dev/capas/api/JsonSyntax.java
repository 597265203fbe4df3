package dev.capas.api;

import java.util.Optional;

/** Finds the first fault of a JSON document (RFC 8259) and names it as Go's scanner does. */
public final class JsonSyntax {
    private static final int END = -1;

    private final byte[] text;
    private int at;

    private JsonSyntax(byte[] text) {
        this.text = text;
    }

    /** Where a document is not well-formed. */
    private static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Fault(String message) {
            super(message, null, false, false);
        }
    }

    /** The words for the first fault, empty if the document is well-formed. What follows its end is not looked at. */
    public static Optional<String> fault(byte[] document) {
        try {
            new JsonSyntax(document).value("looking for beginning of value", 0);
            return Optional.empty();
        } catch (Fault e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private void value(String context, int depth) {
        if (depth > 10_000) {
            throw new Fault("exceeded max depth");
        }
        int c = skipSpace();
        switch (c) {
            case '{' -> object(depth);
            case '[' -> array(depth);
            case '"' -> string();
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> {
                if (c != '-' && !isDigit(c)) {
                    throw invalid(context);
                }
                number();
            }
        }
    }

    private void object(int depth) {
        at++;
        if (skipSpace() == '}') {
            at++;
            return;
        }
        while (true) {
            if (skipSpace() != '"') {
                throw invalid("looking for beginning of object key string");
            }
            string();
            if (skipSpace() != ':') {
                throw invalid("after object key");
            }
            at++;
            value("looking for beginning of value", depth + 1);
            int c = skipSpace();
            if (c != ',' && c != '}') {
                throw invalid("after object key:value pair");
            }
            at++;
            if (c == '}') {
                return;
            }
        }
    }

    private void array(int depth) {
        at++;
        if (skipSpace() == ']') {
            at++;
            return;
        }
        while (true) {
            value("looking for beginning of value", depth + 1);
            int c = skipSpace();
            if (c != ',' && c != ']') {
                throw invalid("after array element");
            }
            at++;
            if (c == ']') {
                return;
            }
        }
    }

    private void string() {
        at++;
        while (peek() != '"') {
            if (peek() == END || peek() < 0x20) {
                throw invalid("in string literal");
            }
            if (peek() == '\\') {
                at++;
                escape();
            }
            at++;
        }
        at++;
    }

    private void escape() {
        if (peek() == 'u') {
            for (int i = 0; i < 4; i++) {
                at++;
                if (Character.digit(peek(), 16) < 0) {
                    throw invalid("in \\u hexadecimal character escape");
                }
            }
        } else if (peek() == END || "\"\\/bfnrt".indexOf(peek()) < 0) {
            throw invalid("in string escape code");
        }
    }

    private void literal(String word) {
        for (int i = 0; i < word.length(); i++) {
            if (peek() != word.charAt(i)) {
                throw invalid("in literal " + word + " (expecting " + quote(word.charAt(i)) + ")");
            }
            at++;
        }
    }

    private void number() {
        if (peek() == '-') {
            at++;
            if (!isDigit(peek())) {
                throw invalid("in numeric literal");
            }
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (peek() == '.') {
            at++;
            if (!isDigit(peek())) {
                throw invalid("after decimal point in numeric literal");
            }
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            if (!isDigit(peek())) {
                throw invalid("in exponent of numeric literal");
            }
            digits();
        }
    }

    private void digits() {
        while (isDigit(peek())) {
            at++;
        }
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private int skipSpace() {
        while (peek() == ' ' || peek() == '\t' || peek() == '\r' || peek() == '\n') {
            at++;
        }
        return peek();
    }

    private int peek() {
        return at < text.length ? text[at] & 0xff : END;
    }

    private Fault invalid(String context) {
        return new Fault(peek() == END ? "unexpected EOF" : "invalid character " + quote(peek()) + " " + context);
    }

    private static String quote(int c) {
        return switch (c) {
            case '\'' -> "'\\''";
            case '"' -> "'\"'";
            case '\n' -> "'\\n'";
            case '\r' -> "'\\r'";
            case '\t' -> "'\\t'";
            default -> c < 0x20 || c == 0x7f ? "'\\x%02x'".formatted(c) : "'" + (char) c + "'";
        };
    }
}

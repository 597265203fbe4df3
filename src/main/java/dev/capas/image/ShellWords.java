package dev.capas.image;

import dev.capas.errdefs.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Words as Dockerfile instructions have them: quotes, backslashes, {@code $name}, {@code ${name}}, {@code ${name:-word}}, {@code ${name:+word}}. */
final class ShellWords {
    private final String text;
    private final Function<String, @Nullable String> variables;
    private int at;

    private ShellWords(String text, Function<String, @Nullable String> variables) {
        this.text = text;
        this.variables = variables;
    }

    /** Splits at blanks outside of quotes; quotes and backslashes stay in the words. */
    static List<String> split(String text) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quote != '\'' && i + 1 < text.length()) {
                word.append(c).append(text.charAt(++i));
            } else if (quote == 0 && Character.isWhitespace(c)) {
                if (!word.isEmpty()) {
                    words.add(word.toString());
                    word.setLength(0);
                }
            } else {
                if (quote == 0 && (c == '"' || c == '\'')) {
                    quote = c;
                } else if (c == quote) {
                    quote = 0;
                }
                word.append(c);
            }
        }
        if (!word.isEmpty()) {
            words.add(word.toString());
        }
        return words;
    }

    /**
     * The value of a word: variables replaced, quotes and backslashes taken away.
     *
     * @throws EngineException (invalid parameter) if a quote or a brace is not closed
     */
    static String expand(String word, Function<String, @Nullable String> variables) {
        return new ShellWords(word, variables).until((char) 0);
    }

    private String until(char end) {
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == end && end != 0) {
                return value.toString();
            }
            at++;
            switch (c) {
                case '\'' -> value.append(singleQuoted());
                case '"' -> value.append(doubleQuoted());
                case '$' -> value.append(variable());
                case '\\' -> {
                    if (at < text.length()) {
                        value.append(text.charAt(at++));
                    }
                }
                default -> value.append(c);
            }
        }
        if (end != 0) {
            throw unfinished("syntax error: missing '" + end + "'");
        }
        return value.toString();
    }

    private String singleQuoted() {
        int end = text.indexOf('\'', at);
        if (end < 0) {
            throw unfinished("unexpected end of statement while looking for matching single-quote");
        }
        String value = text.substring(at, end);
        at = end + 1;
        return value;
    }

    private String doubleQuoted() {
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            switch (c) {
                case '"' -> {
                    return value.toString();
                }
                case '$' -> value.append(variable());
                case '\\' -> {
                    char next = at < text.length() ? text.charAt(at) : 0;
                    if (next == '"' || next == '$' || next == '\\') {
                        value.append(next);
                        at++;
                    } else {
                        value.append(c);
                    }
                }
                default -> value.append(c);
            }
        }
        throw unfinished("unexpected end of statement while looking for matching double-quote");
    }

    private String variable() {
        if (at < text.length() && text.charAt(at) == '{') {
            at++;
            String name = name();
            if (at < text.length() && text.charAt(at) == '}') {
                at++;
                return valueOf(name);
            }
            return modified(name);
        }
        String name = name();
        return name.isEmpty() ? "$" : valueOf(name);
    }

    private String modified(String name) {
        boolean colon = at < text.length() && text.charAt(at) == ':';
        int operatorAt = colon ? at + 1 : at;
        char operator = operatorAt < text.length() ? text.charAt(operatorAt) : 0;
        if (name.isEmpty() || (operator != '-' && operator != '+')) {
            throw unfinished("bad substitution");
        }
        at = operatorAt + 1;
        String word = until('}');
        at++;
        String value = variables.apply(name);
        boolean set = value != null && !(colon && value.isEmpty());
        return operator == '-' ? (set ? valueOf(name) : word) : set ? word : "";
    }

    private String name() {
        int start = at;
        while (at < text.length() && isNamePart(text.charAt(at), at == start)) {
            at++;
        }
        return text.substring(start, at);
    }

    private static boolean isNamePart(char c, boolean first) {
        return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || !first && c >= '0' && c <= '9';
    }

    private String valueOf(String name) {
        String value = variables.apply(name);
        return value == null ? "" : value;
    }

    private EngineException unfinished(String why) {
        String quoted = text.replace("\\", "\\\\").replace("\"", "\\\"");
        return EngineException.invalidParameter("failed to process \"" + quoted + "\": " + why);
    }
}

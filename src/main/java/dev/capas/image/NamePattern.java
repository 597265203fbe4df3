package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.oci.Reference;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A value of the filter {@code reference}: a shell pattern as Go's {@code path.Match} has it, for names as users write them. */
record NamePattern(Pattern regex) {
    /**
     * Reads the pattern.
     *
     * @throws EngineException (500, as dockerd) if it is malformed
     */
    static NamePattern of(String glob) {
        StringBuilder regex = new StringBuilder();
        int i = 0;
        while (i < glob.length()) {
            char c = glob.charAt(i++);
            switch (c) {
                case '*' -> regex.append("[^/]*");
                case '?' -> regex.append("[^/]");
                case '[' -> {
                    int end = glob.indexOf(']', i + 1);
                    if (end < 0) {
                        throw malformed();
                    }
                    String members = glob.substring(i, end).replace("[", "\\[").replace("&&", "&\\&");
                    regex.append('[').append(members).append(']');
                    i = end + 1;
                }
                case '\\' -> {
                    if (i == glob.length()) {
                        throw malformed();
                    }
                    regex.append(Pattern.quote(glob.substring(i, ++i)));
                }
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        try {
            return new NamePattern(Pattern.compile(regex.toString(), Pattern.DOTALL));
        } catch (PatternSyntaxException e) {
            throw malformed();
        }
    }

    private static EngineException malformed() {
        return EngineException.system("syntax error in pattern", null);
    }

    /** Whether the whole name or its repository alone matches. */
    boolean matches(Reference name) {
        return regex.matcher(name.familiar()).matches()
                || regex.matcher(name.familiarName()).matches();
    }
}

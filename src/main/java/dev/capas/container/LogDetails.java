package dev.capas.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.re2j.Pattern;
import dev.capas.oci.Digest;
import java.net.URLEncoder;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.stream.Collectors;

/** What {@code docker logs --details} shows before each entry: the labels, variables and tag that the log options name. */
final class LogDetails {
    private static final java.util.regex.Pattern FIELD = java.util.regex.Pattern.compile("\\{\\{\\s*\\.(\\w+)\\s*}}");
    private static final int SHORT_ID = 12;

    private final Container container;
    private final Map<String, String> options;
    private final Map<String, String> details = new TreeMap<>();

    private LogDetails(Container container) {
        this.container = container;
        this.options =
                Objects.requireNonNullElse(container.hostConfig().logConfig().config(), Map.of());
    }

    /** They are the same for all entries, as Docker writes them: {@code key=value,key=value}, encoded as in a query. */
    static byte[] of(Container container) {
        LogDetails all = new LogDetails(container);
        all.add("labels", Objects.requireNonNullElse(container.config().labels(), Map.of()));
        all.add("env", variables(container));
        String tag = FIELD.matcher(all.options.getOrDefault("tag", "")).replaceAll(all::field);
        if (!tag.isEmpty()) {
            all.details.put("tag", tag);
        }
        return all.details.entrySet().stream()
                .map(entry ->
                        URLEncoder.encode(entry.getKey(), UTF_8) + "=" + URLEncoder.encode(entry.getValue(), UTF_8))
                .collect(Collectors.joining(","))
                .getBytes(UTF_8);
    }

    private static Map<String, String> variables(Container container) {
        Map<String, String> variables = new TreeMap<>();
        for (String variable : Objects.requireNonNullElse(container.config().env(), List.<String>of())) {
            int equals = variable.indexOf('=');
            if (equals > 0) {
                variables.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        return variables;
    }

    /** Those whose names the option lists, and those that the expression of the option {@code …-regex} is found in. */
    private void add(String option, Map<String, String> from) {
        List<String> names = List.of(options.getOrDefault(option, "").split(","));
        String expression = options.getOrDefault(option + "-regex", "");
        Pattern pattern = expression.isEmpty() ? null : Pattern.compile(expression);
        from.forEach((name, value) -> {
            if (names.contains(name) || pattern != null && pattern.matcher(name).find()) {
                details.put(name, value);
            }
        });
    }

    private String field(MatchResult match) {
        Digest image = container.imageId();
        String value = switch (match.group(1)) {
            case "ID" -> container.shortId();
            case "FullID" -> container.id();
            case "Name" -> container.name();
            case "ImageID" -> image.hex().substring(0, SHORT_ID);
            case "ImageFullID" -> image.toString();
            case "ImageName" -> container.image();
            case "DaemonName" -> "docker";
            default -> match.group();
        };
        return java.util.regex.Matcher.quoteReplacement(value);
    }
}

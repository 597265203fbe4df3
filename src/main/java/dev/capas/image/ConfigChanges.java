package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Timestamp;
import dev.capas.oci.Json;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The {@code changes} of import and commit: Dockerfile instructions that alter a configuration in Docker's form (see {@link
 * DockerConfig}). Words and refusals are those of dockerd.
 */
public final class ConfigChanges {
    private static final Set<String> ALLOWED = Set.of(
            "cmd",
            "entrypoint",
            "healthcheck",
            "env",
            "expose",
            "label",
            "onbuild",
            "stopsignal",
            "user",
            "volume",
            "workdir");
    private static final Pattern INSTRUCTION = Pattern.compile("(\\S+)\\s*(.*)", Pattern.DOTALL);
    private static final Pattern PORT = Pattern.compile("(?:.*:)?([^:/]*)(?:/(.*))?");
    private static final Pattern PORT_RANGE = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");
    private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");
    private static final Pattern SIGNAL = Pattern.compile(
            "[1-9]\\d*|(?:SIG)?(?:HUP|INT|QUIT|ILL|TRAP|ABRT|IOT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT|CHLD|CLD|CONT|STOP|TSTP"
                    + "|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|POLL|PWR|SYS|RTMIN(?:\\+\\d+)?|RTMAX(?:-\\d+)?)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern FLAG = Pattern.compile("--([a-z-]+)=?(\\S*)\\s*(.*)", Pattern.DOTALL);

    private final ObjectNode config;
    private boolean cmdGiven;

    private ConfigChanges(ObjectNode config) {
        this.config = config;
    }

    /**
     * Applies the instructions to the configuration in place.
     *
     * @param config in Docker's form
     * @param changes each one instruction or several lines of them; none changes nothing
     * @throws EngineException (invalid parameter) if one of them is wrong or not allowed here
     */
    public static void apply(ObjectNode config, List<String> changes) {
        if (changes.isEmpty()) {
            return;
        }
        List<String> instructions = instructions(String.join("\n", changes));
        if (instructions.isEmpty()) {
            throw EngineException.invalidParameter("file with no instructions");
        }
        ConfigChanges state = new ConfigChanges(config);
        for (String instruction : instructions) {
            String name = word(instruction);
            if (!ALLOWED.contains(name.toLowerCase(Locale.ROOT))) {
                throw EngineException.invalidParameter(
                        name.toUpperCase(Locale.ROOT) + " is not a valid change command");
            }
        }
        instructions.forEach(state::apply);
    }

    private static List<String> instructions(String text) {
        List<String> found = new ArrayList<>();
        StringBuilder open = new StringBuilder();
        for (String line : text.split("\n")) {
            String trimmed = line.strip();
            if (trimmed.isEmpty() || trimmed.startsWith("#")) {
                continue;
            }
            if (trimmed.endsWith("\\")) {
                open.append(trimmed, 0, trimmed.length() - 1);
            } else {
                found.add(open.append(trimmed).toString());
                open.setLength(0);
            }
        }
        if (!open.isEmpty()) {
            found.add(open.toString());
        }
        return found;
    }

    private static String word(String instruction) {
        Matcher parts = INSTRUCTION.matcher(instruction);
        return parts.matches() ? parts.group(1) : instruction;
    }

    private void apply(String instruction) {
        Matcher parts = INSTRUCTION.matcher(instruction);
        if (!parts.matches()) {
            return;
        }
        String name = parts.group(1).toUpperCase(Locale.ROOT);
        String rest = parts.group(2).strip();
        switch (name) {
            case "CMD" -> {
                config.set("Cmd", command(rest));
                cmdGiven = true;
            }
            case "ENTRYPOINT" -> entrypoint(rest);
            case "ENV" -> pairs(name, rest).forEach(pair -> setEnv(pair[0], pair[1]));
            case "LABEL" -> pairs(name, rest).forEach(pair -> map("Labels").put(pair[0], pair[1]));
            case "EXPOSE" -> words(name, rest).forEach(this::expose);
            case "VOLUME" -> volumes(rest);
            case "USER" -> config.put("User", single(name, rest));
            case "WORKDIR" -> config.put("WorkingDir", directory(single(name, rest)));
            case "STOPSIGNAL" -> stopSignal(single(name, rest));
            case "ONBUILD" -> onBuild(rest);
            case "HEALTHCHECK" -> config.set("Healthcheck", health(rest));
            default -> throw new IllegalStateException(name);
        }
    }

    private ArrayNode command(String rest) {
        ArrayNode json = jsonWords(rest);
        if (json != null) {
            return json;
        }
        ArrayNode command = Json.MAPPER.createArrayNode();
        JsonNode shell = config.get("Shell");
        if (shell != null && shell.isArray() && !shell.isEmpty()) {
            shell.forEach(command::add);
        } else {
            command.add("/bin/sh").add("-c");
        }
        return rest.isEmpty() ? command : command.add(rest);
    }

    private void entrypoint(String rest) {
        ArrayNode json = jsonWords(rest);
        if (rest.isEmpty() || json != null && json.isEmpty()) {
            config.putNull("Entrypoint");
        } else {
            config.set("Entrypoint", command(rest));
        }
        if (!cmdGiven) {
            config.putNull("Cmd");
        }
    }

    /** The words of a JSON list; null where the text is none, which is then meant as it stands. */
    private static @Nullable ArrayNode jsonWords(String text) {
        if (!text.startsWith("[")) {
            return null;
        }
        try {
            JsonNode tree = Json.MAPPER.readTree(text);
            if (tree instanceof ArrayNode list && list.valueStream().allMatch(JsonNode::isString)) {
                return list;
            }
        } catch (JacksonException e) {
            return null;
        }
        return null;
    }

    private List<String[]> pairs(String name, String rest) {
        List<String> words = ShellWords.split(rest);
        if (words.isEmpty()) {
            throw EngineException.invalidParameter(name + " requires at least one argument");
        }
        List<String[]> pairs = new ArrayList<>();
        if (words.getFirst().indexOf('=') < 0) {
            Matcher parts = INSTRUCTION.matcher(rest);
            if (!parts.matches() || parts.group(2).isEmpty()) {
                throw EngineException.invalidParameter(name + " must have two arguments");
            }
            pairs.add(new String[] {expand(parts.group(1)), expand(parts.group(2))});
            return pairs;
        }
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                throw EngineException.invalidParameter(
                        "Syntax error - can't find = in \"" + word + "\". Must be of the form: name=value");
            }
            if (equals == 0) {
                throw EngineException.invalidParameter(name + " names can not be blank");
            }
            pairs.add(new String[] {expand(word.substring(0, equals)), expand(word.substring(equals + 1))});
        }
        return pairs;
    }

    private List<String> words(String name, String rest) {
        List<String> words = ShellWords.split(rest).stream().map(this::expand).toList();
        if (words.isEmpty()) {
            throw EngineException.invalidParameter(name + " requires at least one argument");
        }
        return words;
    }

    private String single(String name, String rest) {
        if (rest.isEmpty()) {
            throw EngineException.invalidParameter(name + " requires exactly one argument");
        }
        return expand(rest);
    }

    private String expand(String word) {
        return ShellWords.expand(word, this::environment);
    }

    private @Nullable String environment(String name) {
        JsonNode env = config.get("Env");
        String value = null;
        if (env instanceof ArrayNode list) {
            for (JsonNode entry : list) {
                if (entry.asString("").startsWith(name + "=")) {
                    value = entry.asString("").substring(name.length() + 1);
                }
            }
        }
        return value;
    }

    private void setEnv(String name, String value) {
        ArrayNode env = config.get("Env") instanceof ArrayNode list ? list : config.putArray("Env");
        for (int i = 0; i < env.size(); i++) {
            if (env.get(i).asString("").startsWith(name + "=")) {
                env.set(i, name + "=" + value);
                return;
            }
        }
        env.add(name + "=" + value);
    }

    private ObjectNode map(String field) {
        return config.get(field) instanceof ObjectNode map ? map : config.putObject(field);
    }

    private void expose(String port) {
        Matcher parts = PORT.matcher(port);
        String range = parts.matches() ? parts.group(1) : port;
        String given = parts.matches() ? parts.group(2) : null;
        String protocol = given == null || given.isEmpty() ? "tcp" : given.toLowerCase(Locale.ROOT);
        Matcher numbers = PORT_RANGE.matcher(range);
        if (!numbers.matches()) {
            throw EngineException.invalidParameter("Invalid containerPort: " + range);
        }
        int first = Integer.parseInt(numbers.group(1));
        int last = numbers.group(2) == null ? first : Integer.parseInt(numbers.group(2));
        if (first > last || last > 65_535) {
            throw EngineException.invalidParameter("Invalid containerPort: " + range);
        }
        if (!PROTOCOLS.contains(protocol)) {
            throw EngineException.invalidParameter("Invalid proto: " + given);
        }
        for (int number = first; number <= last; number++) {
            map("ExposedPorts").putObject(number + "/" + protocol);
        }
    }

    private void volumes(String rest) {
        ArrayNode json = jsonWords(rest);
        List<String> paths = json == null
                ? words("VOLUME", rest)
                : json.valueStream().map(path -> path.asString("")).toList();
        if (paths.isEmpty()) {
            throw EngineException.invalidParameter("VOLUME requires at least one argument");
        }
        for (String path : paths) {
            if (path.isBlank()) {
                throw EngineException.invalidParameter("VOLUME specified can not be an empty string");
            }
            map("Volumes").putObject(path.strip());
        }
    }

    private String directory(String requested) {
        if (requested.isEmpty()) {
            throw EngineException.invalidParameter("cannot normalize nothing");
        }
        String whole = requested.startsWith("/")
                ? requested
                : config.path("WorkingDir").asString("") + "/" + requested;
        Deque<String> parts = new ArrayDeque<>();
        for (String part : whole.split("/")) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return "/" + String.join("/", parts);
    }

    private void stopSignal(String signal) {
        if (!SIGNAL.matcher(signal).matches()) {
            throw EngineException.invalidParameter("invalid signal: " + signal);
        }
        config.put("StopSignal", signal);
    }

    private void onBuild(String trigger) {
        if (trigger.isEmpty()) {
            throw EngineException.invalidParameter("ONBUILD requires at least one argument");
        }
        String name = word(trigger).toUpperCase(Locale.ROOT);
        if (name.equals("ONBUILD")) {
            throw EngineException.invalidParameter("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
        }
        if (name.equals("FROM") || name.equals("MAINTAINER")) {
            throw EngineException.invalidParameter(name + " isn't allowed as an ONBUILD trigger");
        }
        ArrayNode triggers = config.get("OnBuild") instanceof ArrayNode list ? list : config.putArray("OnBuild");
        triggers.add(trigger);
    }

    private static ObjectNode health(String text) {
        ObjectNode health = Json.MAPPER.createObjectNode();
        ArrayNode test = health.putArray("Test");
        String rest = text;
        for (Matcher flag = FLAG.matcher(rest); flag.matches(); flag = FLAG.matcher(rest)) {
            healthFlag(health, flag.group(1), flag.group(2));
            rest = flag.group(3);
        }
        if (rest.isEmpty()) {
            throw EngineException.invalidParameter("HEALTHCHECK requires at least one argument");
        }
        Matcher parts = INSTRUCTION.matcher(rest);
        String kind = word(rest).toUpperCase(Locale.ROOT);
        String command = parts.matches() ? parts.group(2).strip() : "";
        switch (kind) {
            case "NONE" -> {
                if (!command.isEmpty()) {
                    throw EngineException.invalidParameter("HEALTHCHECK NONE takes no arguments");
                }
                test.add("NONE");
            }
            case "CMD" -> {
                ArrayNode json = jsonWords(command);
                if (command.isEmpty() || json != null && json.isEmpty()) {
                    throw EngineException.invalidParameter("Missing command after HEALTHCHECK CMD");
                }
                if (json == null) {
                    test.add("CMD-SHELL").add(command);
                } else {
                    test.add("CMD").addAll(json);
                }
            }
            default -> throw EngineException.invalidParameter("Unknown type \"" + kind + "\" in HEALTHCHECK (try CMD)");
        }
        return health;
    }

    private static void healthFlag(ObjectNode health, String name, String value) {
        switch (name) {
            case "interval" -> health.put("Interval", nanoseconds(name, value));
            case "timeout" -> health.put("Timeout", nanoseconds(name, value));
            case "start-period" -> health.put("StartPeriod", nanoseconds(name, value));
            case "start-interval" -> health.put("StartInterval", nanoseconds(name, value));
            case "retries" -> {
                try {
                    int retries = Integer.parseInt(value);
                    if (retries < 0) {
                        throw EngineException.invalidParameter("--retries cannot be negative (" + retries + ")");
                    }
                    health.put("Retries", retries);
                } catch (NumberFormatException e) {
                    throw EngineException.invalidParameter(
                            "strconv.ParseInt: parsing \"" + value + "\": invalid syntax");
                }
            }
            default -> throw EngineException.invalidParameter("unknown flag: --" + name);
        }
    }

    private static long nanoseconds(String flag, String value) {
        Duration duration = value.equals("0") ? Duration.ZERO : Timestamp.parseDuration(value);
        if (duration == null) {
            throw EngineException.invalidParameter("time: invalid duration \"" + value + "\"");
        }
        if (duration.compareTo(Duration.ofMillis(1)) < 0 && !duration.isZero()) {
            throw EngineException.invalidParameter("Interval \"--" + flag + "\" cannot be less than 1ms");
        }
        return duration.toNanos();
    }
}

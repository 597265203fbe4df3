package dev.capas.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.capas.api.JsonSyntax;
import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;

/**
 * {@code daemon.json}: the same settings as the command line's, by the names that dockerd has for them.
 *
 * @param arguments what the file says, as it would stand on the command line
 * @param withoutEffect the keys that dockerd heeds and this engine does not
 */
record ConfigurationFile(List<String> arguments, List<String> withoutEffect) {
    static final ConfigurationFile EMPTY = new ConfigurationFile(List.of(), List.of());

    /** The keys whose option has another name. */
    private static final Map<String, String> OPTIONS = Map.of(
            "hosts", "--host",
            "read-only-hosts", "--read-only-host",
            "runtimes", "--add-runtime",
            "insecure-registries", "--insecure-registry",
            "registry-mirrors", "--registry-mirror",
            "labels", "--label",
            "log-opts", "--log-opt",
            "dns-opts", "--dns-opt",
            "default-ulimits", "--default-ulimit",
            "default-address-pools", "--default-address-pool");

    /** Options that a file cannot give. */
    private static final Set<String> COMMAND_LINE_ONLY = Set.of("--config-file", "--validate", "--help", "--version");

    /** The object whose entries are added to those of the command line, where dockerd does so too. */
    private static final String ADDED = "runtimes";

    /**
     * Reads the file and checks it against the options given on the command line.
     *
     * @param required whether its absence is an error
     * @throws IllegalArgumentException if it cannot be read, has unknown keys or contradicts the command line, in dockerd's words
     */
    static ConfigurationFile read(Path path, boolean required, ParseResult given) throws IOException {
        if (!Files.exists(path)) {
            if (required) {
                throw refused(path, "open " + path + ": no such file or directory");
            }
            return EMPTY;
        }
        Map<String, OptionSpec> options = given.commandSpec().optionsMap();
        List<String> arguments = new ArrayList<>();
        List<String> withoutEffect = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        List<String> conflicts = new ArrayList<>();
        try {
            document(Files.readAllBytes(path)).forEach((key, value) -> {
                OptionSpec option = options.get(optionName(key));
                Optional<ForeignKey> foreign = ForeignKey.of(key);
                if (option != null) {
                    List<String> values = ConfigurationValue.read(key, value, option);
                    if (given.hasMatchedOption(option) && !key.equals(ADDED)) {
                        conflicts.add(key + ": (from flag: " + text(given.matchedOption(option.longestName()))
                                + ", from file: " + (option.isMultiValue() ? values : values.getFirst()) + ")");
                    }
                    values.forEach(text -> arguments.add(option.longestName() + "=" + text));
                } else if (foreign.isEmpty()) {
                    unknown.add(key);
                } else if (foreign.get().isAsked(value)) {
                    withoutEffect.add(key);
                }
            });
        } catch (IllegalArgumentException e) {
            throw refused(path, e.getMessage());
        }
        if (!unknown.isEmpty()) {
            throw refused(
                    path,
                    "the following directives don't match any configuration option: " + String.join(", ", unknown));
        }
        if (!conflicts.isEmpty()) {
            throw refused(
                    path,
                    "the following directives are specified both as a flag and in the configuration file: "
                            + String.join(", ", conflicts));
        }
        return new ConfigurationFile(List.copyOf(arguments), List.copyOf(withoutEffect));
    }

    /** Empty for a key that is none, though it may be the name of an option. */
    private static String optionName(String key) {
        String same = "--" + key;
        boolean none = COMMAND_LINE_ONLY.contains(same) || OPTIONS.containsValue(same);
        return OPTIONS.getOrDefault(key, none ? "" : same);
    }

    static IllegalArgumentException refused(Path path, String reason) {
        return new IllegalArgumentException("unable to configure the engine with file " + path + ": " + reason);
    }

    /** The keys in their order; an empty file says nothing, and an editor's byte order mark is overlooked. */
    private static Map<String, JsonNode> document(byte[] bytes) {
        boolean marked = bytes.length > 2 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB;
        String text = new String(bytes, marked ? 3 : 0, bytes.length - (marked ? 3 : 0), UTF_8);
        if (text.isBlank()) {
            return Map.of();
        }
        JsonSyntax.fault(text.getBytes(UTF_8)).ifPresent(fault -> {
            throw new IllegalArgumentException(
                    "invalid JSON: " + (fault.equals("unexpected EOF") ? "unexpected end of JSON input" : fault));
        });
        try (JsonParser parser = Json.MAPPER.createParser(text)) {
            JsonNode document = parser.readValueAsTree();
            if (!document.isObject()) {
                throw new IllegalArgumentException("invalid JSON: json: cannot unmarshal "
                        + ConfigurationValue.kind(document) + " into Go value of type map[string]interface {}");
            }
            int end = (int) parser.currentLocation().getCharOffset();
            String rest = text.substring(end).strip();
            if (!rest.isEmpty()) {
                throw new IllegalArgumentException(
                        "invalid JSON: invalid character '" + rest.charAt(0) + "' after top-level value");
            }
            Map<String, JsonNode> keys = new LinkedHashMap<>();
            document.properties().stream()
                    .filter(entry -> !entry.getValue().isNull())
                    .forEach(entry -> keys.put(entry.getKey(), entry.getValue()));
            return keys;
        }
    }

    /** As dockerd shows what the command line says. */
    private static String text(OptionSpec option) {
        Stream<String> given = option.originalStringValues().stream();
        return option.isMultiValue()
                ? given.toList().toString()
                : given.toList().getLast();
    }
}

package dev.capas.daemon;

import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** {@code daemon.json}: the same settings as the command line's, by the names that dockerd has for them. */
record ConfigurationFile(Path path, Map<String, String> values) implements CommandLine.IDefaultValueProvider {
    /** The keys whose option has another name. */
    private static final Map<String, String> OPTIONS = Map.of(
            "hosts", "host",
            "runtimes", "add-runtime",
            "insecure-registries", "insecure-registry",
            "registry-mirrors", "registry-mirror");

    /** Keys that dockerd knows and that change nothing here yet: a file that serves both engines is no error. */
    private static final Set<String> WITHOUT_EFFECT = Set.of(
            "bip",
            "bridge",
            "default-address-pools",
            "default-cgroupns-mode",
            "default-shm-size",
            "default-ulimits",
            "dns",
            "dns-opts",
            "dns-search",
            "experimental",
            "features",
            "fixed-cidr",
            "init",
            "ip",
            "ip-forward",
            "ip-masq",
            "iptables",
            "ip6tables",
            "ipv6",
            "icc",
            "labels",
            "live-restore",
            "log-driver",
            "log-opts",
            "max-concurrent-downloads",
            "max-concurrent-uploads",
            "metrics-addr",
            "mtu",
            "no-new-privileges",
            "selinux-enabled",
            "shutdown-timeout",
            "storage-driver",
            "storage-opts",
            "userland-proxy",
            "userns-remap",
            "builder",
            "containerd",
            "exec-opts");

    /**
     * Reads the file and checks it against the options given on the command line.
     *
     * @param required whether its absence is an error
     * @throws IllegalArgumentException if it cannot be read, has unknown keys or contradicts the command line, in dockerd's words
     */
    static ConfigurationFile read(Path path, boolean required, ParseResult given) throws IOException {
        if (!Files.exists(path) && !required) {
            return new ConfigurationFile(path, Map.of());
        }
        Map<String, JsonNode> keys = new LinkedHashMap<>();
        try {
            JsonNode document = Json.MAPPER.readTree(Files.readString(path));
            if (!document.isObject()) {
                throw refused(path, "not a JSON object");
            }
            document.properties().forEach(entry -> keys.put(entry.getKey(), entry.getValue()));
        } catch (JacksonException e) {
            throw refused(path, "invalid JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw refused(path, "open " + path + ": no such file or directory");
        }
        Map<String, OptionSpec> options = given.commandSpec().optionsMap();
        Map<String, String> values = new LinkedHashMap<>();
        Set<String> unknown = new TreeSet<>();
        List<String> conflicts = new ArrayList<>();
        keys.forEach((key, value) -> {
            OptionSpec option = options.get("--" + OPTIONS.getOrDefault(key, key));
            if (option == null) {
                if (!WITHOUT_EFFECT.contains(key)) {
                    unknown.add(key);
                }
                return;
            }
            if (given.hasMatchedOption(option)) {
                conflicts.add(key + ": (from flag: "
                        + given.matchedOption(option.longestName()).getValue() + ", from file: " + text(value) + ")");
            }
            values.put(option.longestName(), text(value));
        });
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
        return new ConfigurationFile(path, values);
    }

    private static IllegalArgumentException refused(Path path, String reason) {
        return new IllegalArgumentException("unable to configure the engine with file " + path + ": " + reason);
    }

    /** As it would stand on the command line. */
    private static String text(JsonNode value) {
        if (value.isArray()) {
            return value.valueStream().map(JsonNode::asString).collect(Collectors.joining(","));
        } else if (value.isObject()) {
            return value.propertyStream()
                    .map(entry ->
                            entry.getKey() + "=" + entry.getValue().path("path").asString(""))
                    .collect(Collectors.joining(","));
        }
        return value.asString();
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        return argument instanceof OptionSpec option ? values.get(option.longestName()) : null;
    }
}

package dev.capas.api;

import dev.capas.oci.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * What of an answer may be read by those who may only read. Numbers and booleans pass; a text passes if the field that it stands in is
 * written down here as harmless. So a field that nobody has thought of shows nothing.
 */
final class Redaction {
    private static final ObjectWriter WRITER = Json.MAPPER
            .writer()
            .without(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .without(StreamWriteFeature.FLUSH_PASSED_TO_STREAM);
    private static final JsonNode NOTHING = StringNode.valueOf("");

    /** The instructions of a Dockerfile, after what the classic builder writes before them. */
    private static final Pattern INSTRUCTION = Pattern.compile(
            "(?:/bin/sh -c #\\(nop\\) +)?(?:ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER"
                    + "|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)(?=\\s|$)|/bin/sh(?= -c |$)");

    /** What becomes of the texts of a field, in lists and below. */
    enum Rule {
        /** It is shown; an object in its place has fields of its own. */
        SHOWN,
        /** All of it is shown, whatever its keys are called. */
        WHOLE,
        /** Its keys are names that somebody chose; what stands behind them are objects with fields of their own. */
        KEYED,
        /** Its keys are shown, and nothing of what stands behind them. */
        NAMES,
        /** The name of each {@code NAME=value}. */
        ENVIRONMENT,
        /** The program, without its arguments. */
        PROGRAM,
        /** The instruction of a Dockerfile, without what follows it. */
        STEP,
        /** An event; of a command in it the program. */
        ACTION,
        /** Nothing of it is shown. */
        HIDDEN
    }

    private static final Map<String, Rule> RULES = new HashMap<>();

    static {
        rule(Rule.SHOWN, """
                Aliases ApiVersion AppArmorProfile Arch Architecture Author Authorization Binds Bridge BuildTime CDISpecDirs
                CapAdd CapDrop Capabilities Cgroup CgroupDriver CgroupParent CgroupPermissions CgroupVersion CgroupnsMode Comment
                Consistency Container ContainerID ContainerIDFile CpusetCpus CpusetMems Created CreatedAt DNSNames Damage
                DefaultRuntime Destination DetachKeys DeviceCgroupRules DeviceIDs Dns DnsOptions DnsSearch DockerRootDir
                DockerVersion Domainname Driver DriverStatus End EndpointID ExecIDs ExtraHosts FinishedAt Gateway GitCommit
                GlobalIPv6Address GoVersion GroupAdd HostIp HostPort Hostname HostnamePath HostsPath ID IP IPAddress IPRange
                IPv4Address IPv6Address IPv6Gateway Id Image ImageID IndexServerAddress InitBinary InsecureRegistryCIDRs IpcMode
                Isolation KernelVersion LastTagTime Layers LinkLocalIPs LinkLocalIPv6Address Links LocalNodeState Log LogPath
                LoggingDriver MacAddress MaskedPaths MinAPIVersion Mode MountLabel Mountpoint Name Names Network NetworkID
                NetworkMode NoProxy NodeAddr NodeID OSType OSVersion OperatingSystem Os OsVersion Parent ParentId Path
                PathInContainer PathOnHost PidMode Platform ProcessLabel Propagation ReadonlyPaths RemoteManagers RepoDigests
                RepoTags ResolvConfPath Runtime SandboxID SandboxKey Scope SecurityOpt SecurityOptions ServerVersion Source Start
                StartedAt State Status StopSignal Subnet Subpath SystemTime Tags Target Type UTSMode User UsernsMode Variant
                Version Volume VolumeDriver VolumesFrom Warnings WorkingDir
                BaseID Changes DataRoot DiffID DiffIDs EncodedPath EncodedTarget Expires HiddenBy Kind LastUsed Layer Plan Reason Result SizedAt
                error from id message name op path preread read scope user""");
        rule(Rule.WHOLE, "Attributes AuxiliaryAddresses Data Details Labels Sysctls");
        rule(
                Rule.KEYED,
                "Containers ExposedPorts IndexConfigs Networks PortBindings Ports Runtimes Volumes networks stats storage_stats");
        rule(Rule.NAMES, "Annotations DriverOpts Options StorageOpt Tmpfs");
        rule(Rule.ENVIRONMENT, "Env");
        rule(Rule.PROGRAM, "Cmd Command Entrypoint Shell Test entrypoint");
        rule(Rule.STEP, "CreatedBy OnBuild");
        rule(Rule.ACTION, "Action status");
        rule(Rule.HIDDEN, """
                Args BuildCache Error GenericResources HttpProxy HttpsProxy Mirrors Output SecondaryIPAddresses
                SecondaryIPv6Addresses arguments""");
    }

    private static void rule(Rule rule, String fields) {
        Arrays.stream(fields.strip().split("\\s+")).forEach(field -> RULES.put(field, rule));
    }

    private Redaction() {}

    /** The fields that somebody has decided on. */
    static Set<String> decided() {
        return RULES.keySet();
    }

    /**
     * Copies JSON documents, each to a line, without what is not for everyone; lists piece by piece, however long they are.
     *
     * @throws tools.jackson.core.JacksonException if it is no JSON
     */
    static void copy(byte[] from, int length, OutputStream to) throws IOException {
        try (JsonParser in = Json.MAPPER.createParser(from, 0, length)) {
            while (in.nextToken() != null) {
                try (JsonGenerator out = WRITER.createGenerator(to)) {
                    copyDocument(in, out);
                }
                to.write('\n');
            }
        }
    }

    private static void copyDocument(JsonParser in, JsonGenerator out) {
        switch (in.currentToken()) {
            case START_OBJECT -> copyObject(in, out);
            case START_ARRAY -> copyList("", in, out);
            default -> write(shown("", in.readValueAsTree(), null), out);
        }
    }

    private static void copyObject(JsonParser in, JsonGenerator out) {
        out.writeStartObject();
        while (in.nextToken() == JsonToken.PROPERTY_NAME) {
            String field = in.currentName();
            out.writeName(field);
            if (in.nextToken() == JsonToken.START_ARRAY && RULES.getOrDefault(field, Rule.KEYED) == Rule.KEYED) {
                copyList(field, in, out);
            } else {
                write(shown(field, in.readValueAsTree(), null), out);
            }
        }
        out.writeEndObject();
    }

    private static void copyList(String field, JsonParser in, JsonGenerator out) {
        out.writeStartArray();
        while (in.nextToken() != JsonToken.END_ARRAY) {
            JsonNode element = in.readValueAsTree();
            write(element instanceof ObjectNode object ? fields(object) : shown(field, element, null), out);
        }
        out.writeEndArray();
    }

    private static void write(JsonNode tree, JsonGenerator out) {
        Json.MAPPER.writeTree(out, tree);
    }

    /**
     * What is shown of the value of a field.
     *
     * @param around the object that has the field, null where its other fields are not known
     */
    private static JsonNode shown(String field, JsonNode value, @Nullable JsonNode around) {
        // LogConfig.Config has the options of a log driver; every other Config has fields
        if (field.equals("LogConfig") && value instanceof ObjectNode config) {
            return ((ObjectNode) fields(config)).set("Config", names(config.path("Config")));
        }
        Rule rule = RULES.get(field);
        return switch (rule) {
            case null -> each(value, text -> NOTHING);
            case SHOWN -> each(value, text -> text);
            case WHOLE -> value;
            case KEYED -> value instanceof ObjectNode object ? keyed(object) : each(value, text -> NOTHING);
            case NAMES -> names(value);
            case ENVIRONMENT ->
                each(value, text -> upTo(text, text.stringValue().indexOf('=') + 1));
            case PROGRAM -> program(field, value, around);
            case STEP ->
                each(value, text -> {
                    Matcher step = INSTRUCTION.matcher(text.stringValue());
                    return step.lookingAt() ? StringNode.valueOf(step.group()) : NOTHING;
                });
            case ACTION ->
                each(value, text -> {
                    int command = text.stringValue().indexOf(": ");
                    return command < 0 ? text : upTo(text, text.stringValue().indexOf(' ', command + 2));
                });
            case HIDDEN -> nothing(value);
        };
    }

    private interface Texts {
        JsonNode shown(JsonNode text);
    }

    private static JsonNode each(JsonNode value, Texts texts) {
        return switch (value) {
            case ObjectNode object -> fields(object);
            case ArrayNode list -> {
                ArrayNode shown = JsonNodeFactory.instance.arrayNode(list.size());
                list.forEach(element -> shown.add(each(element, texts)));
                yield shown;
            }
            default -> value.isString() ? texts.shown(value) : value;
        };
    }

    private static JsonNode fields(ObjectNode object) {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        object.properties()
                .forEach(field -> shown.set(field.getKey(), shown(field.getKey(), field.getValue(), object)));
        return shown;
    }

    private static JsonNode keyed(ObjectNode object) {
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        object.properties().forEach(entry -> shown.set(entry.getKey(), each(entry.getValue(), text -> NOTHING)));
        return shown;
    }

    private static JsonNode names(JsonNode value) {
        if (!(value instanceof ObjectNode object)) {
            return nothing(value);
        }
        ObjectNode shown = JsonNodeFactory.instance.objectNode();
        object.properties().forEach(entry -> shown.set(entry.getKey(), nothing(entry.getValue())));
        return shown;
    }

    /** Where there is an entry point it is the program, and all of the command are its arguments. */
    private static JsonNode program(String field, JsonNode value, @Nullable JsonNode around) {
        if (value.isString()) {
            return upTo(value, value.stringValue().indexOf(' '));
        }
        boolean arguments = field.equals("Cmd")
                && (around == null || !around.path("Entrypoint").isEmpty());
        if (!value.isArray() || value.isEmpty() || arguments) {
            return nothing(value);
        }
        return JsonNodeFactory.instance.arrayNode().add(value.get(0));
    }

    private static JsonNode upTo(JsonNode text, int end) {
        return end <= 0 ? text : StringNode.valueOf(text.stringValue().substring(0, end));
    }

    private static JsonNode nothing(JsonNode value) {
        return switch (value) {
            case ObjectNode object -> JsonNodeFactory.instance.objectNode();
            case ArrayNode list -> JsonNodeFactory.instance.arrayNode();
            default -> value.isString() ? NOTHING : value;
        };
    }
}

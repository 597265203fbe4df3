package dev.capas.container;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The networks of a container ({@code NetworkSettings}, Engine API 1.51). There are three: {@code none}, {@code host}, and
 * {@code bridge}, which is a network namespace with loopback alone.
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkSettings(
        String bridge,
        @JsonProperty("SandboxID") String sandboxId,
        String sandboxKey,
        Map<String, @Nullable List<HostConfig.PortBinding>> ports,
        boolean hairpinMode,
        @JsonProperty("LinkLocalIPv6Address") String linkLocalIpv6Address,
        @JsonProperty("LinkLocalIPv6PrefixLen") int linkLocalIpv6PrefixLen,
        @JsonProperty("SecondaryIPAddresses") @Nullable List<JsonNode> secondaryIpAddresses,
        @JsonProperty("SecondaryIPv6Addresses") @Nullable List<JsonNode> secondaryIpv6Addresses,
        @JsonProperty("EndpointID") String endpointId,
        String gateway,
        @JsonProperty("GlobalIPv6Address") String globalIpv6Address,
        @JsonProperty("GlobalIPv6PrefixLen") int globalIpv6PrefixLen,
        @JsonProperty("IPAddress") String ipAddress,
        @JsonProperty("IPPrefixLen") int ipPrefixLen,
        @JsonProperty("IPv6Gateway") String ipv6Gateway,
        String macAddress,
        Map<String, EndpointSettings> networks) {
    /** The settings of a container as it is now. */
    static NetworkSettings of(Container container) {
        int pid = container.task().map(task -> task.init().pid()).orElse(0);
        boolean live = pid != 0;
        Map<String, @Nullable List<HostConfig.PortBinding>> ports = new TreeMap<>();
        if (live
                && container.hostConfig().networkMode().equals("bridge")
                && container.config().exposedPorts() != null) {
            container.config().exposedPorts().keySet().forEach(port -> ports.put(port, null));
        }
        return new NetworkSettings(
                "",
                live ? container.id() : "",
                live ? "/proc/" + pid + "/ns/net" : "",
                ports,
                false,
                "",
                0,
                null,
                null,
                "",
                "",
                "",
                0,
                "",
                0,
                "",
                "",
                networks(container));
    }

    /** The endpoints of a container by the name of the network; none where it uses that of another container. */
    static Map<String, EndpointSettings> networks(Container container) {
        String mode = container.hostConfig().networkMode();
        if (mode.startsWith("container:")) {
            return Map.of();
        }
        boolean started = container.state().startedAt() != null;
        return Map.of(
                mode,
                EndpointSettings.of(
                        started ? networkId(mode) : "", container.task().isPresent() ? container.id() : ""));
    }

    /** The ID of a network that every engine has. */
    static String networkId(String name) {
        return Digest.ofContent(name.getBytes(StandardCharsets.UTF_8)).hex();
    }
}

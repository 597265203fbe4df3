package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.network.Ipam;
import dev.capas.network.Member;
import dev.capas.network.Network;
import dev.capas.network.NetworkDefinition;
import dev.capas.network.NetworkRequest;
import dev.capas.network.Subnet;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A network as clients see it ({@code Network}, Engine API 1.51).
 *
 * @param containers who is in it, by container ID; empty in lists
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@Schema(name = "Network")
record NetworkInspect(
        String name,
        String id,
        Instant created,
        String scope,
        String driver,
        @JsonProperty("EnableIPv4") boolean enableIpv4,
        @JsonProperty("EnableIPv6") boolean enableIpv6,
        @JsonProperty("IPAM") Ipam ipam,
        boolean internal,
        boolean attachable,
        boolean ingress,
        NetworkRequest.ConfigReference configFrom,
        boolean configOnly,
        Map<String, Endpoint> containers,
        Map<String, String> options,
        Map<String, String> labels) {
    /** A container in a network; the addresses have the lengths of their subnets' prefixes, and are empty where there are none. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "NetworkContainer")
    record Endpoint(
            String name,
            @JsonProperty("EndpointID") String endpointId,
            String macAddress,
            @JsonProperty("IPv4Address") String ipv4Address,
            @JsonProperty("IPv6Address") String ipv6Address) {
        static Endpoint of(Member member) {
            return new Endpoint(
                    member.name(), member.endpointId(), member.macAddress(), text(member.ipv4()), text(member.ipv6()));
        }

        private static String text(@Nullable Subnet address) {
            return Objects.toString(address, "");
        }
    }

    static NetworkInspect of(Network network, Predicate<Member> shown) {
        NetworkDefinition definition = network.definition();
        Map<String, Endpoint> containers = new TreeMap<>();
        network.members().stream()
                .filter(shown)
                .forEach(member -> containers.put(member.containerId(), Endpoint.of(member)));
        return new NetworkInspect(
                definition.name(),
                definition.id(),
                definition.created(),
                definition.scope(),
                definition.driver(),
                definition.enableIpv4(),
                definition.enableIpv6(),
                definition.ipam(),
                definition.internal(),
                definition.attachable(),
                definition.ingress(),
                new NetworkRequest.ConfigReference(definition.configFrom()),
                definition.configOnly(),
                containers,
                definition.options(),
                definition.labels());
    }
}

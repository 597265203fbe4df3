package dev.capas.network;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * A container in a network ({@code EndpointSettings}, Engine API 1.51): what was asked for and, while it runs, what it got. As in Go,
 * a string that was not given is empty.
 *
 * @param links {@code container:alias}, for this network alone
 * @param macAddress what was asked for while it does not run, else what it has
 * @param gwPriority the endpoint with the greatest has the default route
 * @param dnsNames by which other containers of the network find it
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record EndpointSettings(
        @JsonProperty("IPAMConfig") @Nullable Addresses ipamConfig,
        @Nullable List<String> links,
        @Nullable List<String> aliases,
        String macAddress,
        @Nullable Map<String, String> driverOpts,
        int gwPriority,
        @JsonProperty("NetworkID") String networkId,
        @JsonProperty("EndpointID") String endpointId,
        String gateway,
        @JsonProperty("IPAddress") String ipAddress,
        @JsonProperty("IPPrefixLen") int ipPrefixLen,
        @JsonProperty("IPv6Gateway") String ipv6Gateway,
        @JsonProperty("GlobalIPv6Address") String globalIpv6Address,
        @JsonProperty("GlobalIPv6PrefixLen") int globalIpv6PrefixLen,
        @JsonProperty("DNSNames") @Nullable List<String> dnsNames) {
    /** Nothing asked for, and nothing given. */
    public static final EndpointSettings NONE =
            new EndpointSettings(null, null, null, "", null, 0, "", "", "", "", 0, "", "", 0, null);

    /** What was not given is Go's zero value. */
    public EndpointSettings {
        macAddress = Objects.requireNonNullElse(macAddress, "");
        networkId = Objects.requireNonNullElse(networkId, "");
        endpointId = Objects.requireNonNullElse(endpointId, "");
        gateway = Objects.requireNonNullElse(gateway, "");
        ipAddress = Objects.requireNonNullElse(ipAddress, "");
        ipv6Gateway = Objects.requireNonNullElse(ipv6Gateway, "");
        globalIpv6Address = Objects.requireNonNullElse(globalIpv6Address, "");
    }

    /** The addresses that were asked for ({@code EndpointIPAMConfig}); an empty string asks for nothing. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    public record Addresses(
            @JsonProperty("IPv4Address") @JsonInclude(JsonInclude.Include.NON_EMPTY)
            String ipv4Address,

            @JsonProperty("IPv6Address") @JsonInclude(JsonInclude.Include.NON_EMPTY)
            String ipv6Address,

            @JsonProperty("LinkLocalIPs") @JsonInclude(JsonInclude.Include.NON_EMPTY) @Nullable
            List<String> linkLocalIps) {
        /** What was not given is Go's zero value. */
        public Addresses {
            ipv4Address = Objects.requireNonNullElse(ipv4Address, "");
            ipv6Address = Objects.requireNonNullElse(ipv6Address, "");
        }
    }

    /** What was asked for alone, in a network of this ID, with these names. */
    public EndpointSettings idle(String desiredMac, String network, @Nullable List<String> names) {
        return new EndpointSettings(
                ipamConfig,
                links,
                aliases,
                desiredMac,
                driverOpts,
                gwPriority,
                network,
                "",
                "",
                "",
                0,
                "",
                "",
                0,
                names);
    }

    /** In a network where there are no addresses. */
    public EndpointSettings joined(String network, String endpoint) {
        return new EndpointSettings(
                ipamConfig,
                links,
                aliases,
                "",
                driverOpts,
                gwPriority,
                network,
                endpoint,
                "",
                "",
                0,
                "",
                "",
                0,
                dnsNames);
    }

    private EndpointSettings with(
            @Nullable List<String> otherAliases, String otherMac, @Nullable List<String> otherNames) {
        return new EndpointSettings(
                ipamConfig,
                links,
                otherAliases,
                otherMac,
                driverOpts,
                gwPriority,
                networkId,
                endpointId,
                gateway,
                ipAddress,
                ipPrefixLen,
                ipv6Gateway,
                globalIpv6Address,
                globalIpv6PrefixLen,
                otherNames);
    }

    /** With other names. */
    public EndpointSettings named(@Nullable List<String> names) {
        return with(aliases, macAddress, names);
    }

    /** With all names but the first as aliases, where there are names. */
    public EndpointSettings withNamesAsAliases() {
        return dnsNames == null ? this : with(dnsNames.subList(1, dnsNames.size()), macAddress, dnsNames);
    }

    /** With an address of the link layer. */
    public EndpointSettings withMac(String address) {
        return with(aliases, address, dnsNames);
    }

    /** In a network, with what the endpoint got there. */
    public EndpointSettings joined(Network network, Member member) {
        Subnet v4 = member.ipv4();
        Subnet v6 = member.ipv6();
        return new EndpointSettings(
                ipamConfig,
                links,
                aliases,
                member.macAddress(),
                driverOpts,
                gwPriority,
                network.id(),
                member.endpointId(),
                network.gateway(false).map(IpAddress::toString).orElse(""),
                v4 == null ? "" : v4.address().toString(),
                v4 == null ? 0 : v4.length(),
                network.gateway(true).map(IpAddress::toString).orElse(""),
                v6 == null ? "" : v6.address().toString(),
                v6 == null ? 0 : v6.length(),
                dnsNames);
    }

    /** The member of the network that a container of this ID and name is. */
    public Member member(String containerId, String name) {
        return new Member(
                endpointId,
                containerId,
                name,
                dnsNames == null ? List.of() : dnsNames,
                macAddress,
                Subnet.parse(ipAddress + "/" + ipPrefixLen).orElse(null),
                Subnet.parse(globalIpv6Address + "/" + globalIpv6PrefixLen).orElse(null));
    }

    /** As a list of containers shows it. */
    public EndpointSettings listed() {
        return new EndpointSettings(
                ipamConfig,
                null,
                null,
                macAddress,
                null,
                gwPriority,
                networkId,
                endpointId,
                gateway,
                ipAddress,
                ipPrefixLen,
                ipv6Gateway,
                globalIpv6Address,
                globalIpv6PrefixLen,
                null);
    }
}

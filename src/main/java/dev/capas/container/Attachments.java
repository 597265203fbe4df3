package dev.capas.container;

import dev.capas.network.EndpointRules;
import dev.capas.network.EndpointSettings;
import dev.capas.network.IpAddress;
import dev.capas.network.Member;
import dev.capas.network.Network;
import dev.capas.network.NetworkNames;
import dev.capas.network.Subnet;
import dev.capas.network.bridge.Attachment;
import dev.capas.network.bridge.Endpoint;
import dev.capas.network.bridge.InterfaceAddress;
import dev.capas.network.bridge.PortRequest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** How a container is on the bridges of its networks: which of them has its default routes and its ports. */
final class Attachments {
    private final Container container;
    private final List<Joined> joined;

    /** A container in a network. */
    record Joined(Network network, Member member) {
        boolean has(boolean v6) {
            return (v6 ? member.ipv6() : member.ipv4()) != null;
        }
    }

    /**
     * Of a container in these networks.
     *
     * @param joined bridges, in the order in which the interfaces are numbered
     */
    Attachments(Container container, List<Joined> joined) {
        this.container = container;
        this.joined = List.copyOf(joined);
    }

    private EndpointSettings settings(Network network) {
        return container.networks().endpoints().getOrDefault(network.name(), EndpointSettings.NONE);
    }

    /** The networks that it is in. */
    List<Joined> joined() {
        return joined;
    }

    /** The network whose gateway the default route of a family goes by, as dockerd finds it. */
    Optional<Joined> gateway(boolean v6) {
        return joined.stream()
                .filter(each -> !each.network().definition().internal() && each.has(v6))
                .filter(each -> each.network().gateway(v6).isPresent())
                .min(Comparator.<Joined>comparingInt(
                                each -> -settings(each.network()).gwPriority())
                        .thenComparing(each -> !(each.has(false) && each.has(true)))
                        .thenComparing(each -> each.network().name()));
    }

    /** The network by way of which its ports are published; empty where it can publish none. */
    Optional<Joined> publisher() {
        return gateway(false).or(() -> gateway(true));
    }

    /** The gateways of its default routes. */
    List<InetAddress> gateways() {
        return Stream.of(false, true)
                .flatMap(v6 -> gateway(v6).flatMap(each -> each.network().gateway(v6)).stream())
                .map(IpAddress::inet)
                .toList();
    }

    /** One for each network; the ports are those that are asked for. */
    List<Attachment> all() {
        List<Attachment> all = new ArrayList<>();
        for (Joined each : joined) {
            boolean publishes = publisher().filter(each::equals).isPresent();
            List<PortRequest> ports =
                    publishes ? PortMap.requests(container, each.network().bindingAddress()) : List.of();
            all.add(attachment(each, ports));
        }
        return all;
    }

    /** The same for a container that runs: the ports are those that it has. */
    List<Attachment> restored() {
        List<Attachment> all = new ArrayList<>();
        for (Joined each : joined) {
            boolean publishes = publisher().filter(each::equals).isPresent();
            all.add(attachment(
                    each, publishes ? PortMap.published(container.networks().published()) : List.of()));
        }
        return all;
    }

    /** The way into one of its networks. */
    Attachment attachment(Joined each, List<PortRequest> ports) {
        EndpointSettings settings = settings(each.network());
        String name =
                container.networks().interfaces().getOrDefault(each.network().name(), "eth0");
        List<InetAddress> routes = Stream.of(false, true)
                .filter(v6 -> gateway(v6).filter(each::equals).isPresent())
                .flatMap(v6 -> each.network().gateway(v6).stream())
                .map(IpAddress::inet)
                .toList();
        return new Attachment(
                each.network().bridge(),
                new Endpoint(
                        each.member().endpointId(),
                        name,
                        addresses(each.member()),
                        each.member().macAddress(),
                        routes,
                        sysctls(settings, name)),
                ports);
    }

    private static List<InterfaceAddress> addresses(Member member) {
        return Stream.of(Optional.ofNullable(member.ipv4()), Optional.ofNullable(member.ipv6()))
                .flatMap(Optional::stream)
                .map(subnet -> new InterfaceAddress(subnet.address().inet(), subnet.length()))
                .toList();
    }

    private static Map<String, String> sysctls(EndpointSettings settings, String name) {
        Map<String, String> sysctls = new HashMap<>();
        for (String each : EndpointRules.sysctls(settings)) {
            String[] parts = each.split("=", 2);
            sysctls.put(parts[0].replace("IFNAME", name).replace("ifname", name), parts.length < 2 ? "" : parts[1]);
        }
        return sysctls;
    }

    /** Whether the engine resolves names for it: in every network that somebody made. */
    boolean resolves() {
        return joined.stream().anyMatch(each -> !each.network().definition().predefined());
    }

    /** Whether something of it gets out. */
    boolean reachesOut() {
        return joined.stream().anyMatch(each -> !each.network().definition().internal());
    }

    /** What names mean to it. */
    NetworkNames names() {
        return new NetworkNames(joined.stream()
                .filter(each -> !each.network().definition().predefined())
                .map(each -> new NetworkNames.Scope(each.network(), links(settings(each.network()))))
                .toList());
    }

    private static Map<String, String> links(EndpointSettings settings) {
        Map<String, String> links = new LinkedHashMap<>();
        for (String link : settings.links() == null ? List.<String>of() : settings.links()) {
            String[] parts = link.split(":", 2);
            links.put(parts[parts.length - 1], parts[0]);
        }
        return links;
    }

    /** The lines of its {@code /etc/hosts} that name itself. */
    List<String> hosts() {
        return joined.stream().flatMap(each -> hosts(each.member())).toList();
    }

    /** Those of them that are of one network. */
    Stream<String> hosts(Member member) {
        String hostname = container.config().hostname();
        String domain = container.config().domainname();
        String names = domain.isEmpty() ? hostname : hostname + "." + domain + " " + hostname;
        return Stream.of(Optional.ofNullable(member.ipv4()), Optional.ofNullable(member.ipv6()))
                .flatMap(Optional::stream)
                .map(Subnet::address)
                .map(address -> Objects.toString(address) + "\t" + names);
    }
}

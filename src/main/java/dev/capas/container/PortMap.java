package dev.capas.container;

import dev.capas.container.ContainerNetworks.Published;
import dev.capas.container.HostConfig.PortBinding;
import dev.capas.network.IpAddress;
import dev.capas.network.bridge.PortRequest;
import dev.capas.network.bridge.Protocol;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The ports that a container exposes, and by which ports of the host they are to be reached. */
final class PortMap {
    private static final List<InetAddress> EVERYWHERE =
            Stream.of("0.0.0.0", "::").map(InetAddress::ofLiteral).toList();

    /** A port of a container. */
    record Port(int number, String protocol) implements Comparable<Port> {
        private static final Comparator<Port> ORDER =
                Comparator.comparingInt(Port::number).thenComparing(Port::protocol);

        @Override
        public int compareTo(Port other) {
            return ORDER.compare(this, other);
        }

        @Override
        public String toString() {
            return number + "/" + protocol;
        }

        /** Reads {@code 80/tcp}, {@code 80} or a range, {@code 8000-8010/udp}. */
        static Stream<Port> parse(String text) {
            String[] parts = text.split("/", 2);
            String protocol = parts.length < 2 || parts[1].isEmpty() ? "tcp" : parts[1].toLowerCase(Locale.ROOT);
            return range(parts[0]).stream()
                    .flatMap(range -> IntStream.rangeClosed(range.first, range.last)
                            .mapToObj(number -> new Port(number, protocol)));
        }
    }

    private record Range(int first, int last) {}

    private PortMap() {}

    /** What a container exposes, in order. */
    static List<Port> exposed(ContainerConfig config) {
        Set<String> texts =
                config.exposedPorts() == null ? Set.of() : config.exposedPorts().keySet();
        return texts.stream().flatMap(Port::parse).distinct().sorted().toList();
    }

    /**
     * What is to be published: of the exposed ports those that have a binding, or all. Those that ask for a certain port of the host
     * come first, so that nobody else is given it.
     *
     * @param bindingAddress of the network, where a binding has none; empty or {@code 0.0.0.0} for all addresses
     */
    static List<PortRequest> requests(Container container, String bindingAddress) {
        HostConfig host = container.hostConfig();
        Map<Port, List<PortBinding>> bindings = new TreeMap<>();
        if (host.portBindings() != null) {
            host.portBindings()
                    .forEach((text, list) -> Port.parse(text)
                            .forEach(port -> bindings.computeIfAbsent(port, key -> new ArrayList<>())
                                    .addAll(list == null ? List.of() : list)));
        }
        List<PortRequest> requests = new ArrayList<>();
        for (Port port : exposed(container.config())) {
            List<PortBinding> asked = bindings.getOrDefault(port, List.of());
            if (asked.isEmpty() && host.publishAllPorts()) {
                asked = List.of(new PortBinding("", ""));
            }
            for (PortBinding binding : asked) {
                request(port, binding, bindingAddress).ifPresent(requests::add);
            }
        }
        requests.sort(Comparator.comparing(request -> request.firstHostPort() == 0));
        return requests;
    }

    private static Optional<PortRequest> request(Port port, PortBinding binding, String bindingAddress) {
        Optional<Protocol> protocol = Stream.of(Protocol.values())
                .filter(known -> known.toString().equals(port.protocol()))
                .findFirst();
        Range range = range(binding.hostPort()).orElse(new Range(0, 0));
        return protocol.map(known -> new PortRequest(
                addresses(binding.hostIp(), bindingAddress), range.first, range.last, port.number(), known));
    }

    private static List<InetAddress> addresses(String asked, String bindingAddress) {
        Optional<IpAddress> own = IpAddress.parse(asked);
        if (own.isPresent()) {
            return List.of(own.get().inet());
        }
        Optional<IpAddress> ofNetwork = IpAddress.parse(bindingAddress)
                .filter(address -> address.value().signum() != 0);
        return ofNetwork.isPresent() ? List.of(ofNetwork.get().inet()) : EVERYWHERE;
    }

    private static Optional<Range> range(String text) {
        String[] ends = text.split("-", 2);
        try {
            return text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Range(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Ports that are published already, as they would be asked for: those that differ in nothing but the address are one. */
    static List<PortRequest> published(List<Published> ports) {
        Map<Published, List<InetAddress>> addresses = new LinkedHashMap<>();
        for (Published port : ports) {
            addresses
                    .computeIfAbsent(
                            new Published("", port.hostPort(), port.port(), port.protocol()), key -> new ArrayList<>())
                    .add(InetAddress.ofLiteral(port.address()));
        }
        return addresses.entrySet().stream()
                .map(each -> new PortRequest(
                        each.getValue(),
                        each.getKey().hostPort(),
                        each.getKey().hostPort(),
                        each.getKey().port(),
                        Protocol.valueOf(each.getKey().protocol().toUpperCase(Locale.ROOT))))
                .toList();
    }

    /** The ports of a running container as an inspection shows them: those that are exposed alone with null. */
    static Map<String, @Nullable List<PortBinding>> shown(Container container) {
        Map<String, @Nullable List<PortBinding>> ports = new TreeMap<>();
        exposed(container.config()).forEach(port -> ports.put(port.toString(), null));
        for (Published published : container.networks().published()) {
            String port = new Port(published.port(), published.protocol()).toString();
            List<PortBinding> all = new ArrayList<>();
            List<PortBinding> before = ports.get(port);
            if (before != null) {
                all.addAll(before);
            }
            all.add(new PortBinding(published.address(), Integer.toString(published.hostPort())));
            ports.put(port, all);
        }
        return ports;
    }
}

package dev.capas.container;

import dev.capas.container.PortMap.Port;
import dev.capas.errdefs.EngineException;
import dev.capas.network.EndpointSettings;
import dev.capas.network.NetworkDefinition;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Links of containers on the default bridge ({@code --link}): a name in {@code /etc/hosts}, and variables that tell of the other's ports. */
@Component
class Links {
    private static final Set<String> NOT_TOLD = Set.of("PATH", "HOME");

    private final Containers containers;

    Links(Containers containers) {
        this.containers = containers;
    }

    private record Link(Container target, String alias, EndpointSettings endpoint) {}

    /** With the IDs of the containers in place of their names, so that they may be renamed. */
    List<String> byId(List<String> links) {
        return links.stream()
                .map(link -> {
                    String[] parts = link.split(":", 2);
                    return containers
                            .find(parts[0])
                            .map(target -> target.id() + ":" + alias(parts))
                            .orElse(link);
                })
                .toList();
    }

    /** As clients see them: {@code /target:/container/alias}. */
    List<String> shown(Container container, List<String> links) {
        return links.stream()
                .map(link -> {
                    String[] parts = link.split(":", 2);
                    String target =
                            containers.find(parts[0]).map(Container::name).orElse(parts[0]);
                    return "/" + target + ":/" + container.name() + "/" + alias(parts);
                })
                .toList();
    }

    private static String alias(String[] parts) {
        String name = parts[parts.length - 1];
        return name.startsWith("/") ? name.substring(1) : name;
    }

    private List<Link> of(Container container) {
        List<String> links = container.hostConfig().links();
        if (links == null
                || links.isEmpty()
                || !container.networks().endpoints().containsKey(NetworkDefinition.DEFAULT_NETWORK)) {
            return List.of();
        }
        List<Link> found = new ArrayList<>();
        for (String link : links) {
            String[] parts = link.split(":", 2);
            Container target = containers.get(parts[0]);
            String alias = alias(parts);
            EndpointSettings endpoint = target.networks().endpoints().get(NetworkDefinition.DEFAULT_NETWORK);
            if (target.task().isEmpty()) {
                throw EngineException.system(
                        "Cannot link to a non running container: /" + target.name() + " AS /" + container.name() + "/"
                                + alias,
                        null);
            }
            if (endpoint == null) {
                throw EngineException.system(
                        "Cannot link to /" + target.name() + ", as it does not belong to the default network", null);
            }
            found.add(new Link(target, alias, endpoint));
        }
        return found;
    }

    /** Lines of {@code /etc/hosts}. */
    List<String> hosts(Container container) {
        return of(container).stream()
                .map(link -> link.endpoint.ipAddress() + "\t" + names(link.target, link.alias))
                .toList();
    }

    private static String names(Container target, String alias) {
        return alias + " " + target.config().hostname() + (alias.equals(target.name()) ? "" : " " + target.name());
    }

    /** Tells those that run and are linked to a container which address it has now. */
    void follow(Container target) throws IOException {
        EndpointSettings endpoint = target.networks().endpoints().get(NetworkDefinition.DEFAULT_NETWORK);
        if (endpoint == null) {
            return;
        }
        for (Container other : containers.all()) {
            List<String> links = other.hostConfig().links();
            if (links != null && !links.isEmpty() && other.task().isPresent()) {
                for (String link : links) {
                    String[] parts = link.split(":", 2);
                    if (parts[0].equals(target.id())) {
                        EtcHosts.move(other, names(target, alias(parts)), endpoint.ipAddress());
                    }
                }
            }
        }
    }

    /**
     * Variables, {@code NAME=value}.
     *
     * @throws EngineException if a container that it is linked to does not run
     */
    List<String> environment(Container container) {
        List<String> variables = new ArrayList<>();
        for (Link link : of(container)) {
            String prefix = link.alias.replace('-', '_').toUpperCase(Locale.ROOT);
            ports(prefix, link, variables);
            variables.add(prefix + "_NAME=/" + container.name() + "/" + link.alias);
            List<String> environment = link.target.config().env();
            for (String variable : environment == null ? List.<String>of() : environment) {
                String[] parts = variable.split("=", 2);
                if (parts.length == 2 && !NOT_TOLD.contains(parts[0])) {
                    variables.add(prefix + "_ENV_" + variable);
                }
            }
        }
        return variables;
    }

    private static void ports(String prefix, Link link, List<String> variables) {
        List<Port> ports = PortMap.exposed(link.target.config()).stream()
                .sorted(Comparator.comparing(Port::protocol).thenComparingInt(Port::number))
                .toList();
        String address = link.endpoint.ipAddress();
        if (!ports.isEmpty()) {
            variables.add(prefix + "_PORT=" + url(ports.getFirst(), address));
        }
        for (int first = 0; first < ports.size(); ) {
            int last = first;
            while (last + 1 < ports.size() && follows(ports.get(last), ports.get(last + 1))) {
                last++;
            }
            if (last > first) {
                String name = name(prefix, ports.get(first));
                variables.add(name + "_START=" + url(ports.get(first), address));
                variables.add(name + "_PORT_START=" + ports.get(first).number());
                variables.add(name + "_END=" + url(ports.get(last), address));
                variables.add(name + "_PORT_END=" + ports.get(last).number());
            }
            first = last + 1;
        }
        for (Port port : ports) {
            String name = name(prefix, port);
            variables.add(name + "=" + url(port, address));
            variables.add(name + "_ADDR=" + address);
            variables.add(name + "_PORT=" + port.number());
            variables.add(name + "_PROTO=" + port.protocol());
        }
    }

    private static boolean follows(Port port, Port next) {
        return next.protocol().equals(port.protocol()) && next.number() == port.number() + 1;
    }

    private static String name(String prefix, Port port) {
        return prefix + "_PORT_" + port.number() + "_" + port.protocol().toUpperCase(Locale.ROOT);
    }

    private static String url(Port port, String address) {
        return port.protocol() + "://" + address + ":" + port.number();
    }
}

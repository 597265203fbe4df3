package dev.capas.network.bridge;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Interfaces and routes, by {@code ip -batch}. A bridge that was made here says so by its alias. */
final class Links {
    private static final Path INTERFACES = Path.of("/sys/class/net");
    /** {@code BR_STATE_FORWARDING} (linux/if_bridge.h). */
    private static final String FORWARDING = "3";

    private static final List<String> BATCH = List.of("-batch", "-");

    private final Program ip;
    private final String mark;

    /**
     * Does nothing yet.
     *
     * @param mark what tells this engine's bridges from others'
     */
    Links(Program ip, String mark) {
        this.ip = ip;
        this.mark = mark;
    }

    static boolean exists(String link) {
        return Files.exists(INTERFACES.resolve(link));
    }

    static boolean isBridge(String link) {
        return Files.exists(INTERFACES.resolve(link).resolve("bridge"));
    }

    /** The bridges that this engine has made. */
    Set<String> made() throws IOException {
        Set<String> found = new TreeSet<>();
        try (var links = Files.newDirectoryStream(INTERFACES)) {
            for (Path link : links) {
                String name = link.getFileName().toString();
                if (isBridge(name) && isMade(name)) {
                    found.add(name);
                }
            }
        }
        return found;
    }

    private boolean isMade(String link) {
        try {
            return Files.readString(INTERFACES.resolve(link).resolve("ifalias"))
                    .strip()
                    .startsWith(mark + " ");
        } catch (IOException e) {
            return false;
        }
    }

    /** Makes the bridge, or takes one that is there, and gives it what it lacks. */
    void make(Bridge bridge) throws IOException {
        String link = bridge.link();
        StringBuilder batch = new StringBuilder();
        if (!exists(link)) {
            batch.append("link add name %s%s address %s type bridge\n"
                    .formatted(link, mtu(bridge), hardwareAddress(bridge.networkId())));
            batch.append("link set dev %s alias \"%s %s\"\n".formatted(link, mark, bridge.networkId()));
        } else if (!isBridge(link)) {
            throw new IOException("interface " + link + " is not a bridge");
        }
        for (InterfaceAddress gateway : bridge.gateways()) {
            String broadcast = gateway.address() instanceof Inet6Address ? " nodad" : " broadcast +";
            batch.append("addr replace %s dev %s%s\n".formatted(gateway, link, broadcast));
        }
        batch.append("link set dev %s up\n".formatted(link));
        try {
            ip.run(BATCH, batch.toString());
            Sysctl.set("net/ipv4/conf/" + link + "/route_localnet", "1");
        } catch (IOException e) {
            remove(link);
            throw e;
        }
    }

    /** Removes a bridge if it was made here and is there. */
    void remove(String link) throws IOException {
        if (isMade(link)) {
            ip.run(BATCH, "link del dev " + link + "\n");
        }
    }

    /** Makes a pair of interfaces for each: one on the bridge, its peer in the namespace, not up yet. */
    List<String> plug(List<Attachment> attachments, NetworkNamespace namespace) throws IOException {
        StringBuilder batch = new StringBuilder();
        List<String> links = new ArrayList<>();
        for (Attachment attachment : attachments) {
            Bridge bridge = attachment.bridge();
            Endpoint endpoint = attachment.endpoint();
            String link = "veth" + RandomDigits.hexadecimal(8);
            links.add(link);
            batch.append("link add name %s%s type veth peer name %s%s address %s netns %s\n"
                    .formatted(
                            link,
                            mtu(bridge),
                            endpoint.interfaceName(),
                            mtu(bridge),
                            endpoint.macAddress(),
                            namespace.path()));
            batch.append("link set dev %s master %s up\n".formatted(link, bridge.link()));
            batch.append("link set dev %s type bridge_slave hairpin on%s\n"
                    .formatted(link, bridge.interContainer() ? "" : " isolated on"));
        }
        ip.run(BATCH, batch.toString());
        return links;
    }

    /**
     * Waits until bridges pass on what comes from these and take themselves for up, before which they drop: it takes the kernel a moment
     * after both ends are up.
     */
    static void awaitForwarding(List<String> links, List<Attachment> attachments) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        for (String link : links) {
            await(INTERFACES.resolve(link).resolve("brport/state"), FORWARDING, end);
        }
        for (Attachment attachment : attachments) {
            await(INTERFACES.resolve(attachment.bridge().link()).resolve("operstate"), "up", end);
        }
    }

    private static void await(Path file, String value, long end) throws IOException {
        while (!Files.readString(file).strip().equals(value) && System.nanoTime() < end) {
            LockSupport.parkNanos(500_000);
        }
    }

    /** Tells everyone on the bridges who has the addresses now: whoever had them before may be remembered still. */
    void announce(List<Endpoint> endpoints, NetworkNamespace namespace) throws IOException {
        StringBuilder batch = new StringBuilder();
        for (Endpoint endpoint : endpoints) {
            // setting it has the kernel tell it (arp_notify), even if it stays the same
            batch.append("link set dev %s address %s\n".formatted(endpoint.interfaceName(), endpoint.macAddress()));
        }
        namespace.call(() -> {
            ip.run(BATCH, batch.toString());
            return null;
        });
    }

    /** Gives the interfaces inside their addresses and routes, and sets them up. */
    void configure(List<Endpoint> endpoints, NetworkNamespace namespace) throws IOException {
        StringBuilder batch = new StringBuilder();
        for (Endpoint endpoint : endpoints) {
            String link = endpoint.interfaceName();
            for (InterfaceAddress address : endpoint.addresses()) {
                String how = address.address() instanceof Inet6Address ? " nodad" : " broadcast +";
                batch.append("addr add %s dev %s%s\n".formatted(address, link, how));
            }
            batch.append("link set dev %s up\n".formatted(link));
            endpoint.defaultRoutes().forEach(gateway -> batch.append(defaultRoute(gateway)));
        }
        namespace.call(() -> {
            for (Endpoint endpoint : endpoints) {
                parameters(endpoint);
            }
            ip.run(BATCH, batch.toString());
            return null;
        });
    }

    private static String defaultRoute(InetAddress gateway) {
        return "route replace default via " + gateway.getHostAddress() + "\n";
    }

    /** What comes by itself first. */
    private static void parameters(Endpoint endpoint) throws IOException {
        String link = endpoint.interfaceName();
        Sysctl.set("net/ipv4/conf/" + link + "/arp_notify", "1");
        boolean six = endpoint.addresses().stream().anyMatch(address -> address.address() instanceof Inet6Address);
        if (Files.exists(Path.of("/proc/sys/net/ipv6/conf/" + link))) {
            Sysctl.set("net/ipv6/conf/" + link + "/disable_ipv6", six ? "0" : "1");
            Sysctl.set("net/ipv6/conf/" + link + "/ndisc_notify", "1");
        }
        for (Map.Entry<String, String> parameter : endpoint.sysctls().entrySet()) {
            Sysctl.set(parameter.getKey().replace('.', '/'), parameter.getValue());
        }
    }

    /** Removes an interface inside, and with it its peer. */
    void unplug(String interfaceName, NetworkNamespace namespace) throws IOException {
        namespace.call(() -> {
            ip.run(BATCH, "link del dev " + interfaceName + "\n");
            return null;
        });
    }

    /** Has the default routes go by these gateways alone. */
    void route(List<InetAddress> gateways, NetworkNamespace namespace) throws IOException {
        boolean four = gateways.stream().anyMatch(gateway -> !(gateway instanceof Inet6Address));
        boolean six = gateways.stream().anyMatch(Inet6Address.class::isInstance);
        StringBuilder batch = new StringBuilder();
        if (!four) {
            batch.append("route flush exact 0.0.0.0/0\n");
        }
        if (!six) {
            batch.append("route flush exact ::/0\n");
        }
        gateways.forEach(gateway -> batch.append(defaultRoute(gateway)));
        namespace.call(() -> {
            ip.run(BATCH, batch.toString());
            return null;
        });
    }

    private static String mtu(Bridge bridge) {
        return bridge.mtu() == 0 ? "" : " mtu " + bridge.mtu();
    }

    /** Fixed, for a bridge without one changes its own with every container that comes or goes. */
    private static String hardwareAddress(String networkId) {
        return "02:42:" + networkId.substring(0, 8).replaceAll("..(?=.)", "$0:");
    }
}

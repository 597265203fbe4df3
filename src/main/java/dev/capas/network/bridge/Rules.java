package dev.capas.network.bridge;

import java.net.Inet6Address;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The packet filter of an engine, all of it: one table of its own. Which bridges there are and what is published are elements of its sets and maps.
 *
 * @param table its name
 */
record Rules(String table) {
    /** The bit of a packet's mark that says that it may pass; who else drops what is forwarded can be told to let these pass. */
    static final int PASS = 0x10000000;

    /** A script that makes the table what it has to be, whatever it was, in one step. */
    String all(Collection<Bridge> bridges, Collection<Translation> translations) {
        return """
                table inet %1$s
                delete table inet %1$s
                table inet %1$s {
                %2$s
                \tchain early {
                \t\ttype filter hook prerouting priority raw; policy accept;
                \t\tiifname @bridges ip daddr 127.0.0.0/8 drop
                \t\tiifname @bridges ip saddr 127.0.0.0/8 drop
                \t}
                \tchain published {
                \t\tdnat ip to ip daddr . meta l4proto . th dport map @address4
                \t\tdnat ip6 to ip6 daddr . meta l4proto . th dport map @address6
                \t\tfib daddr type local dnat ip to meta l4proto . th dport map @any4
                \t\tfib daddr type local dnat ip6 to meta l4proto . th dport map @any6
                \t}
                \tchain incoming {
                \t\ttype nat hook prerouting priority dstnat; policy accept;
                \t\tip daddr 127.0.0.0/8 return
                \t\tjump published
                \t}
                \tchain own {
                \t\ttype nat hook output priority -100; policy accept;
                \t\tip6 daddr ::1 return
                \t\tjump published
                \t}
                \tchain outgoing {
                \t\ttype nat hook postrouting priority srcnat; policy accept;
                \t\toifname . ip saddr @inside4 ct status dnat masquerade
                \t\toifname . ip6 saddr @inside6 ct status dnat masquerade
                \t\toifname . ip saddr @inside4 return
                \t\toifname . ip6 saddr @inside6 return
                \t\tiifname @masquerading snat ip to iifname map @source
                \t\tiifname @masquerading masquerade
                \t\toifname @bridges ip saddr 127.0.0.0/8 masquerade
                \t}
                \tchain through {
                \t\ttype filter hook forward priority filter - 10; policy accept;
                \t\tiifname . oifname @open goto pass
                \t\toifname @bridges ct state established,related goto pass
                \t\toifname @bridges ct status dnat iifname != @internal goto pass
                \t\toifname @bridges drop
                \t\tiifname @internal drop
                \t\tiifname @bridges goto pass
                \t}
                \tchain pass {
                \t\tmeta mark set meta mark or 0x%3$x accept
                \t}
                }
                """.formatted(table, sets(bridges, translations), PASS);
    }

    private static String sets(Collection<Bridge> bridges, Collection<Translation> translations) {
        Function<Bridge, String> name = bridge -> quoted(bridge.link());
        Function<Bridge, String> pair = bridge -> name.apply(bridge) + " . " + name.apply(bridge);
        return String.join(
                "\n",
                set("set", "bridges", "ifname", of(bridges, bridge -> true, name)),
                set("set", "internal", "ifname", of(bridges, Bridge::internal, name)),
                set("set", "masquerading", "ifname", of(bridges, Rules::masquerades, name)),
                set("set", "inside4", "ifname . ipv4_addr; flags interval", inside(bridges, false)),
                set("set", "inside6", "ifname . ipv6_addr; flags interval", inside(bridges, true)),
                set("set", "open", "ifname . ifname", of(bridges, Bridge::interContainer, pair)),
                set("map", "source", "ifname : ipv4_addr", of(bridges, Rules::hasSource, Rules::source)),
                map("any4", "inet_proto . inet_service : ipv4_addr . inet_service", translations),
                map("any6", "inet_proto . inet_service : ipv6_addr . inet_service", translations),
                map("address4", "ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service", translations),
                map("address6", "ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service", translations));
    }

    /** Each bridge with the networks that its containers have their addresses in. */
    private static Stream<String> inside(Collection<Bridge> bridges, boolean six) {
        return bridges.stream()
                .flatMap(bridge -> bridge.gateways().stream()
                        .filter(gateway -> gateway.address() instanceof Inet6Address == six)
                        .map(gateway -> quoted(bridge.link()) + " . " + gateway.network()));
    }

    private static boolean masquerades(Bridge bridge) {
        return bridge.masquerade() && !bridge.internal();
    }

    private static boolean hasSource(Bridge bridge) {
        return bridge.source() != null && masquerades(bridge);
    }

    private static String source(Bridge bridge) {
        return quoted(bridge.link()) + " : "
                + (bridge.source() == null ? "" : bridge.source().getHostAddress());
    }

    private static String quoted(String link) {
        return "\"" + link + "\"";
    }

    private static Stream<String> of(
            Collection<Bridge> bridges, Predicate<Bridge> which, Function<Bridge, String> element) {
        return bridges.stream().filter(which).map(element).distinct();
    }

    private static String map(String name, String type, Collection<Translation> translations) {
        return set(
                "map",
                name,
                type,
                translations.stream()
                        .filter(translation -> translation.map().equals(name))
                        .map(Translation::element));
    }

    private static String set(String kind, String name, String type, Stream<String> elements) {
        List<String> all = elements.toList();
        return "\t%s %s { type %s;%s }"
                .formatted(kind, name, type, all.isEmpty() ? "" : " elements = { " + String.join(", ", all) + " };");
    }

    /** A line that adds an element. */
    String add(Translation translation) {
        return "add element inet %s %s { %s }\n".formatted(table, translation.map(), translation.element());
    }

    /** A line that takes it away. */
    String delete(Translation translation) {
        return "delete element inet %s %s { %s }\n".formatted(table, translation.map(), translation.key());
    }

    /** A script that removes the table, if it is there. */
    String none() {
        return "table inet %1$s\ndelete table inet %1$s\n".formatted(table);
    }
}

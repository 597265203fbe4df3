package dev.capas.network;

import dev.capas.network.bridge.Names;
import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What names mean to a container: those of the members of its networks, and its links.
 *
 * @param scopes its networks, in the order in which they are asked
 */
public record NetworkNames(List<Scope> scopes) implements Names {
    /**
     * A network of the container.
     *
     * @param links the names of containers by the aliases that this container alone has for them
     */
    public record Scope(Network network, Map<String, String> links) {
        private Stream<Member> named(String name) {
            String linked = links.get(name);
            String wanted = linked == null ? name : linked.toLowerCase(Locale.ROOT);
            return network.members().stream().filter(member -> has(member, wanted));
        }

        private static boolean has(Member member, String name) {
            for (String own : member.dnsNames()) {
                if (own.equalsIgnoreCase(name)) {
                    return true;
                }
            }
            return false;
        }
    }

    @Override
    public List<InetAddress> lookup(String name) {
        for (Scope scope : scopes) {
            List<InetAddress> found = addresses(scope.named(name));
            if (found.isEmpty()) {
                String suffix = "." + scope.network().name().toLowerCase(Locale.ROOT);
                found = name.endsWith(suffix)
                        ? addresses(scope.named(name.substring(0, name.length() - suffix.length())))
                        : found;
            }
            if (!found.isEmpty()) {
                return found;
            }
        }
        return List.of();
    }

    private static List<InetAddress> addresses(Stream<Member> members) {
        return members.flatMap(
                        member -> Stream.of(Optional.ofNullable(member.ipv4()), Optional.ofNullable(member.ipv6())))
                .flatMap(Optional::stream)
                .map(subnet -> subnet.address().inet())
                .toList();
    }

    @Override
    public Optional<String> reverse(InetAddress address) {
        IpAddress wanted = IpAddress.of(address);
        return scopes.stream()
                .flatMap(scope -> scope.network().members().stream()
                        .filter(member -> !member.dnsNames().isEmpty()
                                && (is(member.ipv4(), wanted) || is(member.ipv6(), wanted)))
                        .map(member -> member.dnsNames().getFirst() + "."
                                + scope.network().name()))
                .findFirst();
    }

    private static boolean is(@Nullable Subnet own, IpAddress wanted) {
        return own != null && Objects.equals(own.address(), wanted);
    }
}

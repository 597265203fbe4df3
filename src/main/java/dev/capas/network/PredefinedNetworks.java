package dev.capas.network;

import dev.capas.errdefs.EngineException;
import dev.capas.network.NetworkDefinition.Pool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The networks that every engine has: {@code host}, {@code none}, and {@code bridge}, whose link and subnet must be nobody else's on
 * this host, where another engine may run.
 */
final class PredefinedNetworks {
    private static final Path LINKS = Path.of("/sys/class/net");
    private static final int DEFAULT_MTU = 1500;
    private static final String EVERYWHERE = "0.0.0.0";

    private final NetworkDefaults defaults;
    private final AddressSpace space;

    PredefinedNetworks(NetworkDefaults defaults, AddressSpace space) {
        this.defaults = defaults;
        this.space = space;
    }

    /** {@code host} or {@code none}. */
    NetworkDefinition withoutAddresses(String name) {
        String driver = name.equals(NetworkDefinition.HOST) ? NetworkDefinition.HOST : NetworkDefinition.NULL;
        return definition(Network.randomId(), name, Instant.now(), driver, Ipam.NONE, Map.of(), List.of());
    }

    /**
     * The default bridge as it is to be from now on.
     *
     * @param before as it was in the run of the daemon before
     * @param held whether its link is this engine's still
     */
    NetworkDefinition bridge(Optional<NetworkDefinition> before, boolean held) {
        String link = before.filter(definition -> held)
                .map(definition -> definition.options().get(BridgeOptions.LINK))
                .orElseGet(PredefinedNetworks::freeLink);
        Pool pool = before.filter(definition -> held && fits(definition))
                .map(definition -> definition.pools().getFirst())
                .orElseGet(() -> choose(link));
        Map<String, String> options = new TreeMap<>(Map.of(
                BridgeOptions.DEFAULT_BRIDGE,
                "true",
                BridgeOptions.ICC,
                Boolean.toString(defaults.interContainer()),
                BridgeOptions.MASQUERADE,
                Boolean.toString(defaults.masquerade()),
                BridgeOptions.BINDING,
                defaults.bindingAddress().isEmpty() ? EVERYWHERE : defaults.bindingAddress(),
                BridgeOptions.LINK,
                link,
                BridgeOptions.MTU,
                Integer.toString(defaults.mtu() == 0 ? DEFAULT_MTU : defaults.mtu())));
        return definition(
                before.map(NetworkDefinition::id).orElseGet(Network::randomId),
                NetworkDefinition.BRIDGE,
                before.map(NetworkDefinition::created).orElseGet(Instant::now),
                NetworkDefinition.BRIDGE,
                new Ipam(
                        Ipam.DEFAULT,
                        null,
                        List.of(new Ipam.Config(pool.subnet(), pool.range(), pool.gateway(), null))),
                options,
                List.of(pool));
    }

    private boolean fits(NetworkDefinition before) {
        Pool pool = before.pools().getFirst();
        Subnet bip = defaults.bip();
        return bip == null || pool.equals(fixed(bip));
    }

    private Pool choose(String link) {
        Subnet bip = defaults.bip();
        if (bip != null) {
            return fixed(bip);
        }
        Subnet subnet = space.claimAny(false, HostSubnets.of(false, link))
                .orElseThrow(() -> EngineException.system(
                        "no subnet is free for the default bridge: give one by bip or default-address-pools", null));
        return new Pool(subnet.toString(), range(), subnet.first().next().toString(), List.of(), false);
    }

    private Pool fixed(Subnet bip) {
        return new Pool(bip.masked().toString(), range(), bip.address().toString(), List.of(), true);
    }

    private String range() {
        return defaults.fixedCidr() == null ? "" : defaults.fixedCidr().masked().toString();
    }

    private static String freeLink() {
        for (int number = 0; ; number++) {
            String name = "capas" + number;
            if (!Files.exists(LINKS.resolve(name))) {
                return name;
            }
        }
    }

    private static NetworkDefinition definition(
            String id,
            String name,
            Instant created,
            String driver,
            Ipam ipam,
            Map<String, String> options,
            List<Pool> pools) {
        return new NetworkDefinition(
                id,
                name,
                created,
                NetworkDefinition.LOCAL,
                driver,
                true,
                false,
                ipam,
                false,
                false,
                false,
                "",
                false,
                options,
                Map.of(),
                pools);
    }
}

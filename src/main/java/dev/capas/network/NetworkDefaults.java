package dev.capas.network;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the user of this engine wants of its networks, by the keys of {@code daemon.json}.
 *
 * @param engineId the engine's identity, which its own range of IPv6 follows from
 * @param bip the address of the default bridge with the length of its prefix, null for one that the engine chooses
 * @param fixedCidr the part of the default bridge's subnet that containers get addresses of, null for all
 * @param pools {@code default-address-pools}, empty for Docker's
 * @param mtu bytes, of the default bridge; 0 for Docker's 1500
 * @param bindingAddress {@code ip}: where ports are published that no client says more of; empty for everywhere
 * @param interContainer {@code icc}: whether containers on the default bridge reach each other
 * @param masquerade {@code ip-masq}: whether what leaves the default bridge has an address of the host
 */
public record NetworkDefaults(
        String engineId,
        @Nullable Subnet bip,
        @Nullable Subnet fixedCidr,
        List<Pool> pools,
        int mtu,
        String bindingAddress,
        boolean interContainer,
        boolean masquerade) {
    /**
     * A range that the engine takes subnets from.
     *
     * @param size the length of each subnet's prefix
     */
    public record Pool(Subnet base, int size) {}

    /** Docker's own, for an engine of this identity. */
    public static NetworkDefaults none(String engineId) {
        return new NetworkDefaults(engineId, null, null, List.of(), 0, "", true, true);
    }

    /** The same for an engine of this identity. */
    public NetworkDefaults of(String identity) {
        return new NetworkDefaults(identity, bip, fixedCidr, pools, mtu, bindingAddress, interContainer, masquerade);
    }
}

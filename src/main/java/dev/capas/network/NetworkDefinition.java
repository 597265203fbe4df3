package dev.capas.network;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a network is, whoever is in it.
 *
 * @param id 64 hexadecimal digits
 * @param driver {@code bridge}, {@code host} or {@code null}
 * @param ipam as clients see it
 * @param configFrom the name of the network whose configuration it has, or empty
 * @param options of the driver, as asked for
 * @param pools its subnets, at most one of each family
 */
public record NetworkDefinition(
        String id,
        String name,
        Instant created,
        String scope,
        String driver,
        boolean enableIpv4,
        boolean enableIpv6,
        Ipam ipam,
        boolean internal,
        boolean attachable,
        boolean ingress,
        String configFrom,
        boolean configOnly,
        Map<String, String> options,
        Map<String, String> labels,
        List<Pool> pools) {
    /** Networks that every engine has and nobody removes. */
    public static final List<String> PREDEFINED = List.of("bridge", "host", "none");

    /** The network of containers that ask for no other. */
    public static final String DEFAULT_NETWORK = "bridge";

    /** The network of the host itself. */
    public static final String HOST_NETWORK = "host";

    /** The network that is none. */
    public static final String NO_NETWORK = "none";

    static final String BRIDGE = "bridge";
    static final String HOST = "host";
    static final String NULL = "null";
    static final String LOCAL = "local";

    /**
     * A subnet that it has, as text.
     *
     * @param range the part of it that containers get addresses of, or empty for all
     * @param gateway the bridge's own address
     * @param auxiliary addresses that no container gets
     * @param asked whether a client chose it; else the engine did
     */
    public record Pool(String subnet, String range, String gateway, List<String> auxiliary, boolean asked) {
        Subnet parsed() {
            return Subnet.of(subnet);
        }
    }

    /** Whether every engine has it. */
    public boolean predefined() {
        return PREDEFINED.contains(name);
    }

    /** Whether it is a bridge of the host. */
    public boolean bridged() {
        return driver.equals(BRIDGE) && !configOnly;
    }
}

package dev.capas.network;

import dev.capas.errdefs.EngineException;
import java.util.Map;
import java.util.Set;

/**
 * The options of the driver {@code bridge}, by their names in the Engine API.
 *
 * @param link the interface, empty for {@code br-} and the short ID
 * @param interContainer {@code enable_icc}
 * @param masquerade {@code enable_ip_masquerade}
 * @param inhibitIpv4 whether the bridge itself gets no address of IPv4
 * @param mtu bytes, 0 for the kernel's choice
 * @param bindingAddress {@code host_binding_ipv4}, empty for all
 * @param source {@code host_ipv4}, empty for the one of the route
 */
record BridgeOptions(
        String link,
        boolean interContainer,
        boolean masquerade,
        boolean inhibitIpv4,
        int mtu,
        String bindingAddress,
        String source) {
    static final String LINK = "com.docker.network.bridge.name";
    static final String ICC = "com.docker.network.bridge.enable_icc";
    static final String MASQUERADE = "com.docker.network.bridge.enable_ip_masquerade";
    static final String DEFAULT_BRIDGE = "com.docker.network.bridge.default_bridge";
    static final String BINDING = "com.docker.network.bridge.host_binding_ipv4";
    static final String MTU = "com.docker.network.driver.mtu";
    static final String ENABLE_V4 = "com.docker.network.enable_ipv4";
    static final String ENABLE_V6 = "com.docker.network.enable_ipv6";
    private static final String INHIBIT = "com.docker.network.bridge.inhibit_ipv4";
    private static final String SOURCE = "com.docker.network.host_ipv4";
    private static final String SOURCE_V6 = "com.docker.network.host_ipv6";
    private static final String MODE = "com.docker.network.bridge.gateway_mode_ipv";
    private static final Set<String> MODES = Set.of("nat", "nat-unprotected", "routed", "isolated");

    private static final int LONGEST_LINK = 15;
    private static final Set<String> TRUE = Set.of("1", "t", "T", "true", "TRUE", "True");
    private static final Set<String> FALSE = Set.of("0", "f", "F", "false", "FALSE", "False");

    /** Reads options that are known to be right. */
    static BridgeOptions of(Map<String, String> options) {
        return new BridgeOptions(
                options.getOrDefault(LINK, ""),
                !FALSE.contains(options.getOrDefault(ICC, "true")),
                !FALSE.contains(options.getOrDefault(MASQUERADE, "true")),
                TRUE.contains(options.getOrDefault(INHIBIT, "")),
                Integer.parseInt(options.getOrDefault(MTU, "0")),
                options.getOrDefault(BINDING, ""),
                options.getOrDefault(SOURCE, ""));
    }

    /**
     * Checks options.
     *
     * @throws EngineException in dockerd's words for a value that makes no sense
     */
    static void check(Map<String, String> options) {
        options.forEach((name, value) -> {
            switch (name) {
                case ICC, MASQUERADE, INHIBIT, DEFAULT_BRIDGE, ENABLE_V4, ENABLE_V6 -> {
                    if (!isBoolean(value)) {
                        throw wrong(name, value, "strconv.ParseBool: parsing \"" + value + "\": invalid syntax");
                    }
                }
                case MTU -> mtu(value);
                case BINDING, SOURCE, SOURCE_V6 -> {
                    if (IpAddress.parse(value).isEmpty()) {
                        throw wrong(name, value, "nil ip");
                    }
                }
                case MODE + 4, MODE + 6 -> {
                    if (!MODES.contains(value)) {
                        throw wrong(name, value, "unknown gateway mode " + value);
                    }
                }
                default -> {}
            }
        });
        if (options.getOrDefault(LINK, "").length() > LONGEST_LINK) {
            throw EngineException.system("numerical result out of range", null);
        }
    }

    private static void mtu(String value) {
        try {
            if (Integer.parseInt(value) < 0) {
                throw EngineException.invalidParameter("invalid MTU number: " + value);
            }
        } catch (NumberFormatException e) {
            throw wrong(MTU, value, "strconv.Atoi: parsing \"" + value + "\": invalid syntax");
        }
    }

    static boolean isBoolean(String value) {
        return TRUE.contains(value) || FALSE.contains(value);
    }

    static boolean isTrue(String value) {
        return TRUE.contains(value);
    }

    private static EngineException wrong(String name, String value, String reason) {
        return EngineException.invalidParameter("failed to parse " + name + " value: " + value + " (" + reason + ")");
    }
}

package dev.capas.daemon;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * A key that dockerd heeds in its {@code daemon.json} and this engine does not. A file that serves both engines is no error: the
 * key is overlooked, and the log says so. Only what protects the machine is refused, since to overlook it would be to lie.
 *
 * @param name as it stands in the file
 */
record ForeignKey(String name) {
    private static final Set<String> OVERLOOKED =
            Arrays.stream("""
            allow-direct-routing bip6 bridge builder cdi-spec-dirs cgroup-parent containerd containerd-namespace
            containerd-plugin-namespace cpu-rt-period cpu-rt-runtime default-gateway default-gateway-v6 default-network-opts
            exec-opts experimental features fixed-cidr-v6 host-gateway-ip host-gateway-ips init-path ip-forward
            ip-forward-no-drop ip6tables iptables ipv6 live-restore log-format max-concurrent-downloads
            max-concurrent-uploads max-download-attempts min-api-version network-control-plane-mtu
            network-diagnostic-port node-generic-resources proxies raw-logs shutdown-timeout storage-driver storage-opts
            swarm-default-advertise-addr userland-proxy userland-proxy-path default-cgroupns-mode""".split("\\s+")).collect(Collectors.toUnmodifiableSet());

    private static final Set<String> PROTECTING = Set.of(
            "authorization-plugins",
            "no-new-privileges",
            "rootless",
            "seccomp-profile",
            "selinux-enabled",
            "userns-remap");

    /** The value that asks for what this engine does in any case. */
    private static final Map<String, String> DONE_ANYWAY = Map.of(
            "exec-opts", "native.cgroupdriver=cgroupfs",
            "live-restore", "true",
            "seccomp-profile", "builtin",
            "storage-driver", "overlay2");

    /** The key of this name, if dockerd has it. */
    static Optional<ForeignKey> of(String name) {
        return Optional.of(name)
                .filter(key -> OVERLOOKED.contains(key) || PROTECTING.contains(key))
                .map(ForeignKey::new);
    }

    /**
     * Whether the value asks for something that will not be done.
     *
     * @throws IllegalArgumentException if that would leave out a protection
     */
    boolean isAsked(JsonNode value) {
        String text = value.isArray() && value.size() == 1 ? value.get(0).asString("") : value.asString("");
        boolean nothing = value.isContainer() ? value.isEmpty() : text.isEmpty() || text.equals("false");
        String done = DONE_ANYWAY.get(name);
        if (name.equals("live-restore") ? text.equals(done) : nothing || text.equals(done)) {
            return false;
        }
        if (PROTECTING.contains(name)) {
            throw new IllegalArgumentException(name + " is not supported by this engine");
        }
        return true;
    }
}

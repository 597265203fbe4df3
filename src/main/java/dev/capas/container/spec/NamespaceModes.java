package dev.capas.container.spec;

import dev.capas.container.HostConfig;
import dev.capas.runtime.Spec.Namespace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which namespaces a container has of its own, shares with the host, or joins. */
record NamespaceModes(
        String network,
        String pid,
        String ipc,
        String uts,
        String cgroup,
        Joined joined,
        @Nullable Path ownNamespace) {
    private static final String CONTAINER = "container:";

    static NamespaceModes of(HostConfig config, Joined joined, @Nullable Path ownNamespace) {
        return new NamespaceModes(
                config.networkMode(),
                config.pidMode(),
                config.ipcMode(),
                config.utsMode(),
                config.cgroupnsMode(),
                joined,
                ownNamespace);
    }

    boolean hostNetwork() {
        return network.equals("host");
    }

    boolean ownNetwork() {
        return !hostNetwork() && !network.startsWith(CONTAINER);
    }

    boolean hostIpc() {
        return ipc.equals("host");
    }

    boolean hostUts() {
        return uts.equals("host");
    }

    /** Whether its init is PID 1. */
    boolean ownPid() {
        return !pid.equals("host") && !pid.startsWith(CONTAINER);
    }

    List<Namespace> namespaces() {
        List<Namespace> namespaces = new ArrayList<>();
        namespaces.add(new Namespace("mount", null));
        if (ownNamespace == null) {
            add(namespaces, "network", "net", network, joined.network());
        } else {
            namespaces.add(new Namespace("network", ownNamespace.toString()));
        }
        add(namespaces, "uts", "uts", uts, null);
        add(namespaces, "pid", "pid", pid, joined.pid());
        add(namespaces, "ipc", "ipc", ipc, joined.ipc());
        if (cgroup.equals("private")) {
            namespaces.add(new Namespace("cgroup", null));
        }
        return namespaces;
    }

    private static void add(
            List<Namespace> namespaces, String type, String file, String mode, @Nullable Neighbour neighbour) {
        if (!mode.equals("host")) {
            namespaces.add(new Namespace(type, neighbour == null ? null : "/proc/" + neighbour.pid() + "/ns/" + file));
        }
    }
}

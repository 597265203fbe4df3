package dev.capas.container.spec;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The kernel parameters of a container's namespaces; those of the host are refused. */
final class Sysctls {
    private static final Set<String> IPC = Set.of(
            "kernel.msgmax",
            "kernel.msgmnb",
            "kernel.msgmni",
            "kernel.sem",
            "kernel.shmall",
            "kernel.shmmax",
            "kernel.shmmni",
            "kernel.shm_rmid_forced");

    private Sysctls() {}

    /**
     * Docker's defaults for an own network namespace, the domain name, and what is asked for, which wins.
     *
     * @throws dev.capas.errdefs.EngineException for one that is not the container's own
     */
    static Map<String, String> of(String domainname, @Nullable Map<String, String> given, NamespaceModes modes) {
        Map<String, String> sysctls = new TreeMap<>();
        if (modes.ownNetwork()) {
            sysctls.put("net.ipv4.ip_unprivileged_port_start", "0");
            sysctls.put("net.ipv4.ping_group_range", "0 2147483647");
        }
        if (!domainname.isEmpty()) {
            sysctls.put("kernel.domainname", domainname);
        }
        if (given != null) {
            sysctls.putAll(given);
        }
        sysctls.keySet().forEach(name -> check(name.replace('/', '.'), modes));
        return sysctls;
    }

    private static void check(String name, NamespaceModes modes) {
        String quoted = "sysctl \"" + name + "\" ";
        if (IPC.contains(name) || name.startsWith("fs.mqueue.")) {
            if (modes.hostIpc()) {
                throw RuntimeRefusal.of(quoted + "is not allowed in the hosts ipc namespace");
            }
        } else if (name.startsWith("net.")) {
            if (modes.hostNetwork()) {
                throw RuntimeRefusal.of(quoted + "not allowed in host network namespace");
            }
        } else if (!name.equals("kernel.domainname") || modes.hostUts()) {
            throw RuntimeRefusal.of(quoted + "is not in a separate kernel namespace");
        }
    }
}

package dev.capas.container;

import dev.capas.container.HostConfig.LogConfig;
import dev.capas.container.HostConfig.Ulimit;
import dev.capas.errdefs.EngineException;
import dev.capas.oci.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the user of this engine wants for every container that does not say otherwise ({@code log-driver}, {@code default-ulimits} and
 * the like of {@code daemon.json}). A container keeps what it was created with, and shows it.
 *
 * @param logOptions for the log driver, where a container has that one
 * @param dnsServers addresses; the lists of DNS are for containers with a network of their own
 * @param shmSize bytes, 0 for Docker's default
 * @param ipcMode empty for Docker's default
 */
public record ContainerDefaults(
        String logDriver,
        Map<String, String> logOptions,
        List<String> dnsServers,
        List<String> dnsOptions,
        List<String> dnsSearch,
        long shmSize,
        List<Ulimit> ulimits,
        String ipcMode,
        boolean init,
        boolean noNewPrivileges) {
    /** Docker's own. */
    public static final ContainerDefaults NONE = new ContainerDefaults(
            LogDriver.JSON_FILE, Map.of(), List.of(), List.of(), List.of(), 0, List.of(), "", false, false);

    private static final String NO_NEW_PRIVILEGES = "no-new-privileges";

    /**
     * Takes what makes sense.
     *
     * @throws IllegalArgumentException for a log driver, an option of it or a mode that there is not, in dockerd's words
     */
    public ContainerDefaults {
        try {
            LogDriver.check(new LogConfig(logDriver, logOptions));
        } catch (EngineException e) {
            throw new IllegalArgumentException("failed to set log opts: " + e.getMessage(), e);
        }
        if (!Set.of("", "private", "shareable").contains(ipcMode)) {
            throw new IllegalArgumentException("IPC mode \"" + ipcMode + "\" is not supported as default value");
        }
    }

    /** The configuration with these in the places that it leaves open. */
    HostConfig fill(HostConfig given) {
        return equals(NONE) ? given : given.with(fields -> fill(fields, given));
    }

    private void fill(ObjectNode fields, HostConfig given) {
        LogConfig log = given.logConfig();
        if (log.type().isEmpty() || log.type().equals(logDriver)) {
            Map<String, String> options = new LinkedHashMap<>(logOptions);
            options.putAll(log.config() == null ? Map.of() : log.config());
            fields.set("LogConfig", Json.MAPPER.valueToTree(new LogConfig(logDriver, options)));
        }
        if (given.shmSize() == 0) {
            fields.put("ShmSize", shmSize);
        }
        if (given.ipcMode().isEmpty()) {
            fields.put("IpcMode", ipcMode);
        }
        if (init && given.init() == null) {
            fields.put("Init", true);
        }
        fields.set("Ulimits", Json.MAPPER.valueToTree(ulimits(given.ulimits())));
        List<String> security = given.securityOpt() == null ? List.of() : given.securityOpt();
        if (noNewPrivileges && security.stream().noneMatch(option -> option.startsWith(NO_NEW_PRIVILEGES))) {
            List<String> hardened = new ArrayList<>(security);
            hardened.add(NO_NEW_PRIVILEGES);
            fields.set("SecurityOpt", Json.MAPPER.valueToTree(hardened));
        }
        if (hasOwnNetwork(given.networkMode())) {
            put(fields, "Dns", given.dns(), dnsServers);
            put(fields, "DnsOptions", given.dnsOptions(), dnsOptions);
            put(fields, "DnsSearch", given.dnsSearch(), dnsSearch);
        }
    }

    private @Nullable List<Ulimit> ulimits(@Nullable List<Ulimit> given) {
        if (ulimits.isEmpty()) {
            return given;
        }
        List<Ulimit> all = new ArrayList<>(given == null ? List.of() : given);
        Predicate<Ulimit> open =
                ulimit -> all.stream().noneMatch(one -> one.name().equals(ulimit.name()));
        all.addAll(ulimits.stream().filter(open).toList());
        return all;
    }

    private static boolean hasOwnNetwork(String mode) {
        return !mode.equals("host") && !mode.equals("none") && !mode.startsWith("container:");
    }

    private static void put(ObjectNode fields, String name, @Nullable List<String> given, List<String> otherwise) {
        if (!otherwise.isEmpty() && (given == null || given.isEmpty())) {
            fields.set(name, Json.MAPPER.valueToTree(otherwise));
        }
    }
}

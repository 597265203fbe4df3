package dev.capas.container;

import dev.capas.container.spec.Limits;
import dev.capas.errdefs.EngineException;
import dev.capas.oci.Json;
import dev.capas.runtime.Task;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Service;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Changes the limits and the restart policy of containers. */
@Service
public class ContainerUpdate {
    /** What a client may change ({@code Resources}, Engine API 1.51); 0 and empty mean that it stays. */
    private static final Set<String> FIELDS = Set.of(
            "BlkioWeight",
            "CpuShares",
            "NanoCpus",
            "CpuPeriod",
            "CpuQuota",
            "CpuRealtimePeriod",
            "CpuRealtimeRuntime",
            "CpusetCpus",
            "CpusetMems",
            "Memory",
            "MemorySwap",
            "MemoryReservation",
            "PidsLimit");

    private final Containers containers;
    private final ContainerStore store;
    private final ContainerEvents events;

    ContainerUpdate(Containers containers, ContainerStore store, ContainerEvents events) {
        this.containers = containers;
        this.store = store;
        this.events = events;
    }

    /**
     * Changes a container, at once where it runs.
     *
     * @param change what is to be different
     * @return what is accepted and has no effect
     * @throws EngineException if the change cannot be right (400), or not for this container (409)
     */
    public List<String> update(String name, HostConfig change) {
        List<String> warnings = new ArrayList<>();
        if (!change.restartPolicy().name().isEmpty()) {
            HostConfigRules.restart(change.restartPolicy());
        }
        ResourceRules.check(change, true, warnings);
        Container container = containers.get(name);
        container.lock().lock();
        try {
            HostConfig before = container.hostConfig();
            check(container, change);
            HostConfig after = merge(before, change);
            Task task = container.task().orElse(null);
            if (task != null) {
                task.update(Json.MAPPER.writeValueAsString(Limits.update(after)));
            }
            container.setHostConfig(after);
            store.saveSettings(container);
            events.publish(container, "update");
            return warnings;
        } catch (IOException e) {
            throw EngineException.system(cannotUpdate(container) + e.getMessage(), e);
        } finally {
            container.lock().unlock();
        }
    }

    private static String cannotUpdate(Container container) {
        return "Cannot update container " + container.id() + ": ";
    }

    private static void check(Container container, HostConfig change) {
        HostConfig now = container.hostConfig();
        State.Status status = container.state().status();
        if (status == State.Status.REMOVING || status == State.Status.DEAD) {
            throw EngineException.conflict(
                    cannotUpdate(container) + "Container is marked for removal and cannot be \"update\".");
        }
        if (now.autoRemove() && !change.restartPolicy().name().isEmpty()) {
            throw EngineException.conflict(cannotUpdate(container)
                    + "Restart policy cannot be updated because AutoRemove is enabled for the container");
        }
        if (change.memory() != 0 && change.memory() > now.memorySwap() && change.memorySwap() == 0) {
            throw EngineException.conflict(cannotUpdate(container)
                    + "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the"
                    + " same time");
        }
        refuse(container, change.cpuPeriod() > 0 && now.nanoCpus() > 0, "CPU Period", "NanoCPUs");
        refuse(container, change.cpuQuota() > 0 && now.nanoCpus() > 0, "CPU Quota", "NanoCPUs");
        refuse(container, change.nanoCpus() > 0 && now.cpuPeriod() > 0, "Nano CPUs", "CPU Period");
        refuse(container, change.nanoCpus() > 0 && now.cpuQuota() > 0, "Nano CPUs", "CPU Quota");
    }

    private static void refuse(Container container, boolean conflict, String option, String other) {
        if (conflict) {
            throw EngineException.conflict(cannotUpdate(container) + "Conflicting options: " + option
                    + " cannot be updated as " + other + " has already been set");
        }
    }

    private static HostConfig merge(HostConfig before, HostConfig change) {
        ObjectNode given = Json.MAPPER.valueToTree(change);
        ResourceRules.discard(given);
        return before.with(fields -> {
            for (Map.Entry<String, JsonNode> field : given.properties()) {
                if (FIELDS.contains(field.getKey()) && says(field.getValue())) {
                    fields.set(field.getKey(), field.getValue());
                }
            }
            if (change.pidsLimit() != null) {
                fields.put("PidsLimit", Math.max(0, change.pidsLimit()));
            }
            if (!change.restartPolicy().name().isEmpty()) {
                fields.set("RestartPolicy", given.get("RestartPolicy"));
            }
        });
    }

    private static boolean says(JsonNode value) {
        return value.isNumber()
                ? value.longValue() != 0
                : value.isString() && !value.stringValue().isEmpty();
    }
}

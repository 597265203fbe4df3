package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.capas.container.HostConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of {@code POST /containers/{id}/update}: the restart policy and the resources of a {@link HostConfig}. Whatever else
 * stands in it is not looked at, as in dockerd.
 */
record UpdateConfig(@JsonUnwrapped HostConfig change) {
    /** {@code Resources} of the Engine API, and the restart policy. */
    private static final Set<String> FIELDS = Stream.of(
                    "RestartPolicy CpuShares Memory NanoCpus CgroupParent BlkioWeight BlkioWeightDevice",
                    "BlkioDeviceReadBps BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps",
                    "CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime CpusetCpus CpusetMems Devices",
                    "DeviceCgroupRules DeviceRequests KernelMemory KernelMemoryTCP MemoryReservation MemorySwap",
                    "MemorySwappiness OomKillDisable PidsLimit Ulimits CpuCount CpuPercent IOMaximumIOps",
                    "IOMaximumBandwidth")
            .flatMap(line -> Arrays.stream(line.toLowerCase(Locale.ROOT).split(" ")))
            .collect(Collectors.toUnmodifiableSet());

    static final UpdateConfig NOTHING = of(JsonNodeFactory.instance.objectNode());

    /** Reads the body; what is wrong keeps its place in it. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static UpdateConfig of(JsonNode body) {
        if (body instanceof ObjectNode object) {
            List<String> others = object.propertyNames().stream()
                    .filter(name -> !FIELDS.contains(name.toLowerCase(Locale.ROOT)))
                    .toList();
            others.forEach(object::remove);
        }
        return new UpdateConfig(JsonBody.STRICT.treeToValue(body, HostConfig.class));
    }
}

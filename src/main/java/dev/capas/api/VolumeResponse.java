package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.capas.volume.Volume;
import dev.capas.volume.VolumeSizes;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * {@code Volume} of the Engine API.
 *
 * @param usageData only of {@code GET /system/df}
 */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
@Schema(name = "Volume")
record VolumeResponse(
        Instant createdAt,
        String driver,
        @Nullable Map<String, String> labels,
        String mountpoint,
        String name,
        @Nullable Map<String, String> options,
        String scope,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable UsageData usageData) {
    /**
     * What it weighs.
     *
     * @param refCount how many containers use it
     * @param size bytes, -1 where it is not known
     * @param sizedAt when that was measured; not of Docker's
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "VolumeUsageData")
    record UsageData(
            int refCount,
            long size,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Instant sizedAt) {}

    static VolumeResponse of(Volume volume) {
        return of(volume, null);
    }

    static VolumeResponse of(VolumeSizes.Usage usage) {
        return of(usage.volume(), new UsageData(usage.containers(), usage.size(), usage.sized()));
    }

    private static VolumeResponse of(Volume volume, @Nullable UsageData usage) {
        return new VolumeResponse(
                volume.created(),
                Volume.DRIVER,
                volume.labels(),
                volume.mountpoint().toString(),
                volume.name(),
                volume.options(),
                "local",
                usage);
    }
}

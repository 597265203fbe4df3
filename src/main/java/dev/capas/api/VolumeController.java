package dev.capas.api;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Filters;
import dev.capas.volume.VolumePrune;
import dev.capas.volume.VolumeRequest;
import dev.capas.volume.Volumes;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** The Volume tag of the Engine API. */
@RestController
@Tag(name = "Volume")
final class VolumeController {
    /** Before it, a prune meant named volumes too. */
    private static final String ANONYMOUS_ONLY = "1.42";

    private final Volumes volumes;
    private final VolumePrune prune;

    VolumeController(Volumes volumes, VolumePrune prune) {
        this.volumes = volumes;
        this.prune = prune;
    }

    /** {@code VolumeCreateOptions} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "VolumeCreateOptions")
    record CreateOptions(
            @Nullable String name,
            @Nullable String driver,
            @Nullable Map<String, String> driverOpts,
            @Nullable Map<String, String> labels,
            @Nullable ClusterVolumeSpec clusterVolumeSpec) {}

    /** {@code ClusterVolumeSpec} of the Engine API, whatever is in it: there are no clusters here. */
    @Schema(name = "ClusterVolumeSpec")
    record ClusterVolumeSpec() {}

    /** {@code VolumeListResponse} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "VolumeListResponse")
    record Listed(List<VolumeResponse> volumes, @Nullable List<String> warnings) {}

    /** {@code VolumePruneResponse} of the Engine API. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "VolumePruneResponse")
    record Pruned(List<String> volumesDeleted, long spaceReclaimed) {}

    /**
     * Lists volumes.
     *
     * @param filters JSON: dangling, driver, label, name
     */
    @GetMapping("/volumes")
    Listed list(@RequestParam(required = false) @Nullable String filters) {
        return new Listed(
                volumes.list(parse(filters)).stream().map(VolumeResponse::of).toList(), null);
    }

    private static Filters parse(@Nullable String filters) {
        try {
            return Filters.parse(filters);
        } catch (EngineException e) {
            throw EngineException.invalidParameter("error reading volume filters: " + e.getMessage());
        }
    }

    /**
     * Creates a volume, or tells of the one that has the name already.
     *
     * @param body name, driver, its options, labels; a name is made up where there is none
     */
    @PostMapping("/volumes/create")
    @ResponseStatus(HttpStatus.CREATED)
    VolumeResponse create(@RequestBody(required = false) @Nullable CreateOptions body) {
        if (body == null) {
            return VolumeResponse.of(volumes.create(new VolumeRequest("", "", null, null)));
        }
        if (body.clusterVolumeSpec() != null) {
            throw EngineException.unavailable("This node is not a swarm manager. Use \"docker swarm init\" or \"docker"
                    + " swarm join\" to connect this node to swarm and try again.");
        }
        return VolumeResponse.of(volumes.create(new VolumeRequest(
                Objects.requireNonNullElse(body.name(), ""),
                Objects.requireNonNullElse(body.driver(), ""),
                body.driverOpts(),
                body.labels())));
    }

    /**
     * Tells all of one volume.
     *
     * @param name of the volume
     */
    @GetMapping("/volumes/{name}")
    VolumeResponse inspect(@PathVariable String name) {
        return VolumeResponse.of(volumes.get(name));
    }

    /**
     * Changes a volume of a cluster, which this engine has none of: it always refuses.
     *
     * @param name of the volume
     */
    @PutMapping("/volumes/{name}")
    void update(@PathVariable String name) {
        throw EngineException.unavailable("volume update only valid for cluster volumes, but swarm is unavailable");
    }

    /**
     * Removes a volume that no container uses.
     *
     * @param name of the volume
     * @param force whether it is no fault if there is none
     * @param dryRun only tells whether it would go
     */
    @DeleteMapping("/volumes/{name}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void remove(
            @PathVariable String name,
            @RequestParam(defaultValue = "") boolean force,
            @RequestParam(name = "dry-run", defaultValue = "false") boolean dryRun) {
        if (dryRun) {
            volumes.checkRemove(name, force);
        } else {
            volumes.remove(name, force);
        }
    }

    /**
     * Removes the volumes that no container uses: the anonymous ones, where not all are meant.
     *
     * @param filters JSON: label, label!, all
     * @param dryRun only tells what would go
     */
    @PostMapping("/volumes/prune")
    Pruned prune(
            @RequestParam(required = false) @Nullable String filters,
            @RequestParam(name = "dry-run", defaultValue = "false") boolean dryRun,
            HttpServletRequest request) {
        Filters parsed = Filters.parse(filters);
        boolean old = ApiVersion.of(request).before(ANONYMOUS_ONLY);
        Filters wanted = old ? parsed.and("all", "true") : parsed;
        VolumePrune.Outcome outcome = dryRun ? prune.preview(wanted) : prune.prune(wanted);
        return new Pruned(outcome.deleted(), outcome.reclaimed());
    }
}

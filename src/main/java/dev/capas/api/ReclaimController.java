package dev.capas.api;

import dev.capas.filter.ByteSize;
import dev.capas.image.ImageDeletion;
import dev.capas.usage.Reclaim;
import dev.capas.usage.ReclaimPlan;
import dev.capas.usage.ReclaimRequest;
import dev.capas.usage.Reclaimed;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** What deleting would free, and deleting just that. */
@RestController
@Tag(name = "System")
final class ReclaimController {
    private final Reclaim reclaim;

    ReclaimController(Reclaim reclaim) {
        this.reclaim = reclaim;
    }

    /**
     * What a plan did; the parts are those of Docker's prunes.
     *
     * @param spaceReclaimed apparent bytes
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ReclaimResponse")
    record Done(
            List<String> containersDeleted,
            List<String> volumesDeleted,
            List<ImageResponses.Deleted> imagesDeleted,
            long spaceReclaimed) {}

    /**
     * Tells what deleting things would free, and what would stay because of whom. Without a parameter: all that nobody uses.
     *
     * @param image name or ID; may be repeated
     * @param container name or ID; may be repeated
     * @param volume name; may be repeated
     * @param unusedFor besides, what nobody uses and was not used that long: 168h
     * @param free of what nobody uses the oldest and fewest that together free so much: 5GB
     */
    @GetMapping("/system/reclaim")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = ReclaimPlan.class)))
    ResponseEntity<Object> plan(
            @RequestParam(required = false) @Nullable List<String> image,
            @RequestParam(required = false) @Nullable List<String> container,
            @RequestParam(required = false) @Nullable List<String> volume,
            @RequestParam(name = "unused-for", required = false) @Nullable String unusedFor,
            @RequestParam(required = false) @Nullable String free,
            HttpServletRequest request) {
        ReclaimPlan plan = reclaim.plan(ReclaimRequest.of(image, container, volume, unusedFor, free));
        return Answer.of(request, plan, () -> table(plan));
    }

    private static String table(ReclaimPlan plan) {
        var items = new TextTable("TYPE", "ID", "NAMES", "SIZE", "FREES", "LAST USED");
        for (ReclaimPlan.Item item : plan.items()) {
            items.row(
                    item.stays() ? "name" : item.kind().text(),
                    shortId(item.kind(), item.id()),
                    String.join(", ", item.names()),
                    ByteSize.format(item.size()),
                    ByteSize.format(item.reclaimable()),
                    item.lastUsed());
        }
        var kept = new TextTable("STAYS", "ID", "NAMES", "SIZE", "BECAUSE OF");
        for (ReclaimPlan.Kept stays : plan.kept()) {
            String holders = stays.heldBy().stream()
                    .map(holder -> holder.kind().text() + " "
                            + (holder.names().isEmpty()
                                    ? shortId(holder.kind(), holder.id())
                                    : String.join(", ", holder.names())))
                    .collect(Collectors.joining("; "));
            kept.row(
                    stays.kind().text(),
                    shortId(stays.kind(), stays.id()),
                    String.join(", ", stays.names()),
                    stays.size() == null ? "" : ByteSize.format(stays.size()),
                    stays.reason() == null ? holders : stays.reason());
        }
        return items + (plan.kept().isEmpty() ? "" : "\n" + kept) + "\nReclaimable: " + plan.reclaimable() + " bytes ("
                + ByteSize.format(plan.reclaimable()) + "), on disk " + ByteSize.format(plan.diskUsage()) + "\nPlan: "
                + plan.plan() + ", until " + plan.expires() + "\n";
    }

    /** As the docker CLI shortens them; a volume's name stays. */
    private static String shortId(ReclaimPlan.Kind kind, String id) {
        String hex = id.startsWith("sha256:") ? id.substring("sha256:".length()) : id;
        return kind == ReclaimPlan.Kind.VOLUME || hex.length() <= 12 ? id : hex.substring(0, 12);
    }

    /**
     * Does what a plan says, and no more; refused where that would not be what it said any more.
     *
     * @param plan of this run of the daemon, not yet used
     */
    @PostMapping("/system/reclaim/{plan}")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = Done.class)))
    ResponseEntity<Object> carryOut(@PathVariable String plan, HttpServletRequest request) {
        Reclaimed reclaimed = reclaim.carryOut(plan);
        Done done = new Done(
                reclaimed.containers(),
                reclaimed.volumes(),
                ImageResponses.deleted(new ImageDeletion.Outcome(reclaimed.images(), 0)),
                reclaimed.spaceReclaimed());
        return Answer.of(request, done, () -> table(done));
    }

    private static String table(Done done) {
        var lines = new StringBuilder();
        done.containersDeleted()
                .forEach(id -> lines.append("Deleted: container ").append(id).append('\n'));
        done.volumesDeleted()
                .forEach(name -> lines.append("Deleted: volume ").append(name).append('\n'));
        for (ImageResponses.Deleted step : done.imagesDeleted()) {
            lines.append(step.untagged() == null ? "Deleted: " + step.deleted() : "Untagged: " + step.untagged())
                    .append('\n');
        }
        return lines + "Total reclaimed space: " + ByteSize.format(done.spaceReclaimed()) + "\n";
    }
}

package dev.capas.api;

import dev.capas.container.ContainerList;
import dev.capas.errdefs.EngineException;
import dev.capas.event.Event;
import dev.capas.event.EventBus;
import dev.capas.event.Subscription;
import dev.capas.filter.Filters;
import dev.capas.filter.Mapped;
import dev.capas.filter.Timestamp;
import dev.capas.image.ImageList;
import dev.capas.volume.VolumeSizes;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The System tag of the Engine API: what the engine is and what happens in it. */
@RestController
@Tag(name = "System")
final class SystemController {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private static final Set<String> USAGE_TYPES = Set.of("container", "image", "volume", "build-cache");

    private final SystemFacts facts;
    private final EventBus events;
    private final ImageList images;
    private final ContainerList containers;
    private final VolumeSizes volumes;
    private final Listening listening;

    SystemController(
            SystemFacts facts,
            EventBus events,
            ImageList images,
            ContainerList containers,
            VolumeSizes volumes,
            Listening listening) {
        this.volumes = volumes;
        this.listening = listening;
        this.images = images;
        this.containers = containers;
        this.facts = facts;
        this.events = events;
    }

    /** Tells the versions of the engine and of what it runs on. */
    @GetMapping("/version")
    SystemVersion version() {
        return facts.version();
    }

    /** Tells what the engine has and what this machine allows. */
    @GetMapping("/info")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = SystemInfo.class)))
    Object info(HttpServletRequest request) {
        return LegacyInfo.of(facts.info(), ApiVersion.of(request));
    }

    /**
     * Tells what everything weighs.
     *
     * @param asked container, image, volume or build-cache; may be repeated
     * @param limit how many of each at most, the newest images and containers; 0 for all. Not of Docker's
     * @param measure whether volumes are measured again that were not within the last ten seconds; else the figures are the last ones, and
     *     each volume tells the time of its own. Not of Docker's
     */
    @GetMapping("/system/df")
    DiskUsage diskUsage(
            @RequestParam(name = "type", required = false) @Nullable List<String> asked,
            @RequestParam(defaultValue = "0") int limit,
            @RequestParam(defaultValue = "false") boolean measure,
            HttpServletRequest request) {
        Collection<String> types = asked == null ? USAGE_TYPES : asked;
        for (String type : types) {
            if (!USAGE_TYPES.contains(type)) {
                throw EngineException.invalidParameter("unknown object type: " + type);
            }
        }
        ApiVersion version = ApiVersion.of(request);
        boolean image = types.contains("image");
        return new DiskUsage(
                image ? images.layersSize() : 0,
                image
                        ? Mapped.of(
                                images.list(Filters.NONE, false, true, limit),
                                summary -> ImageResponses.usageItem(summary, version))
                        : null,
                types.contains("container") ? containers.list(Filters.NONE, true, limit, true) : null,
                types.contains("volume") ? Mapped.of(volumes.usage(limit, measure), VolumeResponse::of) : null,
                types.contains("build-cache") ? List.of() : null);
    }

    /**
     * Tells what happens, as it happens, a line each.
     *
     * @param since from the past too: Unix seconds with a fraction, or RFC 3339
     * @param until ends then
     * @param filters JSON: {"type": ["container"], …}
     */
    @GetMapping("/events")
    @ApiResponse(
            responseCode = "200",
            content = @Content(mediaType = "application/json", schema = @Schema(implementation = Event.class)))
    void events(
            @RequestParam(required = false) @Nullable String since,
            @RequestParam(required = false) @Nullable String until,
            @RequestParam(required = false) @Nullable String filters,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException, InterruptedException {
        Instant from = Timestamp.parseUnix(since);
        Instant to = Timestamp.parseUnix(until);
        if (from != null && to != null && from.isAfter(to)) {
            throw EngineException.invalidParameter(
                    "`since` time (" + since + ") cannot be after `until` time (" + until + ")");
        }
        try (Subscription subscription = events.subscribe(from, to, Filters.parse(filters))) {
            JsonStream stream = new JsonStream(response);
            stream.begin();
            subscription.past().forEach(stream::write);
            listening.answer(request, () -> tell(subscription, to, stream));
        }
    }

    private static void tell(Subscription subscription, @Nullable Instant to, JsonStream stream)
            throws InterruptedException {
        while (to == null || Instant.now().isBefore(to)) {
            Event event = subscription.next(to == null ? LONGEST_WAIT : Duration.between(Instant.now(), to));
            if (event != null) {
                stream.write(event);
            } else if (subscription.isCut()) {
                return;
            }
        }
    }
}

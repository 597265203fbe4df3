package dev.capas.api;

import dev.capas.container.ContainerList;
import dev.capas.errdefs.EngineException;
import dev.capas.event.Event;
import dev.capas.event.EventBus;
import dev.capas.event.Subscription;
import dev.capas.filter.Filters;
import dev.capas.filter.Timestamp;
import dev.capas.image.ImageList;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The System tag of the Engine API: what the engine is and what happens in it. */
@RestController
final class SystemController {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private static final Set<String> USAGE_TYPES = Set.of("container", "image", "volume", "build-cache");

    private final SystemFacts facts;
    private final EventBus events;
    private final ImageList images;
    private final ContainerList containers;
    private final Listening listening;

    SystemController(
            SystemFacts facts, EventBus events, ImageList images, ContainerList containers, Listening listening) {
        this.listening = listening;
        this.images = images;
        this.containers = containers;
        this.facts = facts;
        this.events = events;
    }

    @GetMapping("/version")
    SystemVersion version() {
        return facts.version();
    }

    @GetMapping("/info")
    SystemInfo info() {
        return facts.info();
    }

    @GetMapping("/system/df")
    DiskUsage diskUsage(
            @RequestParam(name = "type", defaultValue = "container,image,volume,build-cache") List<String> types,
            HttpServletRequest request) {
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
                        ? images.list(Filters.NONE, false, true).stream()
                                .map(summary -> ImageResponses.listItem(summary, version))
                                .toList()
                        : null,
                types.contains("container") ? containers.list(Filters.NONE, true, 0, true) : null,
                types.contains("volume") ? List.of() : null,
                types.contains("build-cache") ? List.of() : null);
    }

    @GetMapping("/events")
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

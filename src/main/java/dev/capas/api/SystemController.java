package dev.capas.api;

import dev.capas.errdefs.EngineException;
import dev.capas.event.Event;
import dev.capas.event.EventBus;
import dev.capas.event.Subscription;
import dev.capas.filter.Filters;
import dev.capas.filter.Timestamp;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The System tag of the Engine API: what the engine is and what happens in it. */
@RestController
final class SystemController {
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

    private final SystemFacts facts;
    private final EventBus events;

    SystemController(SystemFacts facts, EventBus events) {
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

    @GetMapping("/events")
    void events(
            @RequestParam(required = false) @Nullable String since,
            @RequestParam(required = false) @Nullable String until,
            @RequestParam(required = false) @Nullable String filters,
            HttpServletResponse response)
            throws InterruptedException {
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
}

package dev.capas.container;

import dev.capas.errdefs.EngineException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** Waits for the end of containers. */
@Service
public class Waiting {
    private final Containers containers;

    Waiting(Containers containers) {
        this.containers = containers;
    }

    /**
     * What completes once the condition holds; what happens from now on counts.
     *
     * @param condition {@code not-running} (also null and empty), {@code next-exit} or {@code removed}
     * @throws EngineException if there is no such container (404) or condition (400)
     */
    public CompletableFuture<Container.Ending> until(String name, @Nullable String condition) {
        String asked = condition == null || condition.isEmpty() ? "not-running" : condition;
        return switch (asked) {
            case "not-running" -> notRunning(containers.get(name));
            case "next-exit" -> containers.get(name).nextExit();
            case "removed" -> containers.get(name).removed();
            default -> throw EngineException.invalidParameter("invalid condition: \"" + condition + "\"");
        };
    }

    /** Where the container runs, its exit; the future is taken before the look at the state, so that no exit is missed. */
    private static CompletableFuture<Container.Ending> notRunning(Container container) {
        CompletableFuture<Container.Ending> exit = container.nextExit();
        State state = container.state();
        return state.running() ? exit : CompletableFuture.completedFuture(new Container.Ending(state.exitCode(), null));
    }
}

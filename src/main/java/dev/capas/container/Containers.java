package dev.capas.container;

import dev.capas.errdefs.EngineException;
import dev.capas.filter.Visibility;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.springframework.stereotype.Service;

/** The containers that there are, by ID and by name. */
@Service
public class Containers {
    private final ConcurrentSkipListMap<String, Container> byId = new ConcurrentSkipListMap<>();
    private final Map<String, String> names = new ConcurrentHashMap<>();

    /**
     * The container that a user means by an ID, a name (with or without a slash) or the beginning of an ID.
     *
     * @throws EngineException if there is none ("No such container: x"), or the beginning fits several (400)
     */
    public Container get(String text) {
        return find(text).orElseThrow(() -> EngineException.notFound("No such container: " + text));
    }

    /** Like {@link #get}, empty where there is none. */
    public Optional<Container> find(String text) {
        if (text.isEmpty()) {
            throw EngineException.invalidParameter("invalid name or ID supplied: \"\"");
        }
        Container exact = byId.get(text);
        if (exact != null) {
            return Optional.of(exact).filter(Containers::isVisible);
        }
        String id = names.get(text.startsWith("/") ? text.substring(1) : text);
        if (id != null) {
            return Optional.ofNullable(byId.get(id)).filter(Containers::isVisible);
        }
        List<Container> beginning = byId.subMap(text, text + Character.MAX_VALUE).values().stream()
                .filter(Containers::isVisible)
                .limit(2)
                .toList();
        if (beginning.size() > 1) {
            throw EngineException.invalidParameter("multiple IDs found with provided prefix: " + text);
        }
        return beginning.stream().findFirst();
    }

    /** All that whoever asks may know of, latest first. */
    public List<Container> all() {
        return byId.values().stream()
                .filter(Containers::isVisible)
                .sorted(Comparator.comparing(Container::created).reversed())
                .toList();
    }

    /** How many there are in which state, for {@code /info}. */
    public Map<State.Status, Integer> count() {
        Map<State.Status, Integer> counts = new TreeMap<>();
        byId.values().stream()
                .filter(Containers::isVisible)
                .forEach(container -> counts.merge(container.state().status(), 1, Integer::sum));
        return counts;
    }

    static boolean isVisible(Container container) {
        return Visibility.shows(container.config().labels());
    }

    /** Takes a name for an ID; the ID that has it already where there is one. */
    Optional<String> reserve(String name, String id) {
        return Optional.ofNullable(names.putIfAbsent(name, id));
    }

    /** Gives a name back. */
    void release(String name, String id) {
        names.remove(name, id);
    }

    void add(Container container) {
        names.put(container.name(), container.id());
        byId.put(container.id(), container);
    }

    void remove(Container container) {
        byId.remove(container.id());
        names.remove(container.name(), container.id());
    }

    Collection<Container> inNoOrder() {
        return byId.values();
    }
}

package dev.capas.filter;

import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which objects there are for whoever asks: on a listener that shows only what has certain labels, the others do not exist. It
 * holds for the calling thread, which serves one request; work of the engine itself sees everything.
 */
public final class Visibility {
    private static final ScopedValue<Filters> LABELS = ScopedValue.newInstance();

    private Visibility() {}

    /** Work that may fail in one way. */
    @FunctionalInterface
    public interface Work<X extends Exception> {
        void run() throws X;
    }

    /**
     * Works as somebody for whom only those exist that have the labels.
     *
     * @param labels {@code key} or {@code key=value} by the name {@code label}, all of which are needed
     */
    public static <X extends Exception> void limit(Filters labels, Work<X> work) throws X {
        ScopedValue.where(LABELS, labels).<Boolean, X>call(() -> {
            work.run();
            return true;
        });
    }

    /** Whether anything is hidden from whoever asks. */
    public static boolean isLimited() {
        return LABELS.isBound() && !LABELS.get().isEmpty();
    }

    /** Whether an object with these labels exists for whoever asks. */
    public static boolean shows(@Nullable Map<String, String> labels) {
        return current().test(Objects.requireNonNullElse(labels, Map.of()));
    }

    /** What exists for whoever asks, for use by other threads. */
    public static Predicate<Map<String, String>> current() {
        if (!isLimited()) {
            return labels -> true;
        }
        Filters wanted = LABELS.get();
        return labels -> wanted.matchPairs("label", labels);
    }
}

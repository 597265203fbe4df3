package dev.capas.container.spec;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The last thing that was made of something: most containers ask for the same as the one before. */
public final class Latest<K, V extends @Nullable Object> {
    private record Made<K, V extends @Nullable Object>(K from, V value) {}

    private final AtomicReference<@Nullable Made<K, V>> last = new AtomicReference<>();

    /** What is made of this; made anew where the last was of something else. */
    public V get(K from, Function<? super K, ? extends V> make) {
        Made<K, V> made = last.get();
        if (made == null || !made.from.equals(from)) {
            made = new Made<>(from, make.apply(from));
            last.set(made);
        }
        return made.value;
    }
}

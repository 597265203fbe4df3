package dev.capas.filter;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.Function;

/** A list whose elements are made as they are read, so that an answer with many of them is written without ever holding all. */
public final class Mapped<S, T> extends AbstractList<T> implements RandomAccess {
    private final List<S> source;
    private final Function<? super S, ? extends T> mapping;

    private Mapped(List<S> source, Function<? super S, ? extends T> mapping) {
        this.source = source;
        this.mapping = mapping;
    }

    /**
     * What the mapping makes of each element.
     *
     * @param source which does not change any more
     */
    public static <S, T> List<T> of(List<S> source, Function<? super S, ? extends T> mapping) {
        return new Mapped<>(source, mapping);
    }

    @Override
    public T get(int index) {
        return mapping.apply(source.get(index));
    }

    @Override
    public int size() {
        return source.size();
    }
}

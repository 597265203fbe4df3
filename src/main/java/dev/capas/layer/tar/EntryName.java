package dev.capas.layer.tar;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/**
 * The name of an entry after Go's {@code filepath.Clean}, split at its last slash.
 *
 * @param clean without empty and {@code .} components and without a leading slash; {@code ..} only at the front; empty for the root
 */
record EntryName(byte[] clean) {
    private static final byte[] WHITEOUT_PREFIX = {'.', 'w', 'h', '.'};
    private static final byte[] OPAQUE = {'.', 'w', 'h', '.', '.', 'w', 'h', '.', '.', 'o', 'p', 'q'};

    static EntryName of(byte[] name) {
        Deque<byte[]> components = new ArrayDeque<>();
        boolean absolute = name.length > 0 && name[0] == '/';
        for (int from = 0, to = 0; to <= name.length; to++) {
            if (to == name.length || name[to] == '/') {
                byte[] component = Arrays.copyOfRange(name, from, to);
                if (isParent(component)) {
                    if (!components.isEmpty() && !isParent(components.peekLast())) {
                        components.removeLast();
                    } else if (!absolute) {
                        components.addLast(component);
                    }
                } else if (component.length > 0 && !(component.length == 1 && component[0] == '.')) {
                    components.addLast(component);
                }
                from = to + 1;
            }
        }
        int length = components.stream().mapToInt(c -> c.length + 1).sum();
        ByteBuffer joined = ByteBuffer.allocate(Math.max(0, length - 1));
        for (byte[] component : components) {
            if (joined.position() > 0) {
                joined.put((byte) '/');
            }
            joined.put(component);
        }
        return new EntryName(joined.array());
    }

    boolean isRoot() {
        return clean.length == 0;
    }

    /** Whether it leads out of the tree. */
    boolean climbs() {
        return clean.length >= 2 && clean[0] == '.' && clean[1] == '.' && (clean.length == 2 || clean[2] == '/');
    }

    byte[] parent() {
        return Arrays.copyOf(clean, Math.max(0, slash()));
    }

    byte[] last() {
        return Arrays.copyOfRange(clean, slash() + 1, clean.length);
    }

    boolean isOpaqueMarker() {
        return Arrays.equals(last(), OPAQUE);
    }

    boolean isWhiteout() {
        byte[] last = last();
        return last.length >= WHITEOUT_PREFIX.length
                && Arrays.equals(last, 0, WHITEOUT_PREFIX.length, WHITEOUT_PREFIX, 0, WHITEOUT_PREFIX.length);
    }

    /** The name that a whiteout hides. */
    byte[] hidden() {
        byte[] last = last();
        return Arrays.copyOfRange(last, WHITEOUT_PREFIX.length, last.length);
    }

    /** Where a symbolic link here leads; it never leaves the tree, whose root is the root of absolute targets. */
    EntryName linked(byte[] target) {
        byte[] from = target.length > 0 && target[0] == '/' ? new byte[0] : parent();
        ByteBuffer joined = ByteBuffer.allocate(from.length + target.length + 2);
        joined.put((byte) '/').put(from).put((byte) '/').put(target);
        return of(joined.array());
    }

    private int slash() {
        int at = clean.length - 1;
        while (at >= 0 && clean[at] != '/') {
            at--;
        }
        return at;
    }

    private static boolean isParent(byte[] component) {
        return component.length == 2 && component[0] == '.' && component[1] == '.';
    }
}

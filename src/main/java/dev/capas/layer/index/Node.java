package dev.capas.layer.index;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A name in a tree. Names are bytes: each character of one is a byte (ISO 8859-1), so that their order is that of the bytes. */
public final class Node {
    /** Parents before what lies in them, and what lies in a directory in the order of the names' bytes. */
    static final Comparator<Node> IN_ORDER = Comparator.comparing(Node::components, Arrays::compare);

    private final String name;
    private @Nullable Node parent;
    private Inode inode;
    private boolean opaque;
    private @Nullable Map<String, Node> children;
    private boolean alias;
    private long size;
    private long files;

    Node(String name, Inode inode) {
        this.name = name;
        this.inode = inode;
        inode.named();
    }

    static String key(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    /** The last component of its path, each character a byte; empty for the root. */
    public String name() {
        return name;
    }

    public Inode inode() {
        return inode;
    }

    /** Whether it is a directory that hides all that lower layers have there. */
    public boolean opaque() {
        return opaque;
    }

    /** Its path without a leading slash, each character a byte; empty for the root. */
    public String path() {
        return String.join("/", components());
    }

    /** What lies in it, in no particular order. */
    public Collection<Node> children() {
        Map<String, Node> known = children;
        return known == null ? List.of() : known.values();
    }

    /** What lies in it, in the order of the names' bytes. */
    public List<Node> sortedChildren() {
        return children().stream().sorted(Comparator.comparing(Node::name)).toList();
    }

    /** What lies in it by this name. */
    public @Nullable Node child(String name) {
        Map<String, Node> known = children;
        return known == null ? null : known.get(name);
    }

    /** The bytes of a file; of a directory the bytes of all below it, each inode once. Of a merged tree only. */
    public long size() {
        return size;
    }

    /** How many names that are no directories lie below; 1 for what is none. Of a merged tree only. */
    public long files() {
        return files;
    }

    /** What it adds to the bytes of the whole tree: 0 for directories and for all names of a file but the first. Of a merged tree only. */
    public long ownSize() {
        return alias || inode.isDirectory() ? 0 : size;
    }

    /** Visits it and all below, parents first; without recursion, for a tree may be deeper than a thread's stack. */
    public void visit(Consumer<Node> visitor) {
        Deque<Node> left = new ArrayDeque<>();
        left.push(this);
        while (!left.isEmpty()) {
            Node next = left.pop();
            visitor.accept(next);
            next.children().forEach(left::push);
        }
    }

    @Nullable
    Node parent() {
        return parent;
    }

    void setOpaque(boolean opaque) {
        this.opaque = opaque;
    }

    /** Has the name stand for something else. */
    void become(Inode other) {
        inode.unnamed();
        inode = other;
        other.named();
    }

    /** Puts a name into it, in the place of whatever has it. */
    void put(Node child) {
        Map<String, Node> known = children;
        if (known == null) {
            known = new HashMap<>();
            children = known;
        }
        child.parent = this;
        known.put(child.name, child);
    }

    void remove(Node child) {
        if (children != null) {
            children.remove(child.name);
        }
    }

    void dropMarks() {
        opaque = false;
        if (children != null) {
            children.values().removeIf(child -> child.inode.type() == FileType.WHITEOUT);
        }
    }

    void setAlias() {
        alias = true;
    }

    void add(long bytes, long names) {
        size += bytes;
        files += names;
    }

    private String[] components() {
        int depth = depth();
        String[] names = new String[depth];
        for (Node at = this; depth > 0; at = java.util.Objects.requireNonNull(at.parent)) {
            names[--depth] = at.name;
        }
        return names;
    }

    int depth() {
        int depth = 0;
        for (Node at = parent; at != null; at = at.parent) {
            depth++;
        }
        return depth;
    }
}

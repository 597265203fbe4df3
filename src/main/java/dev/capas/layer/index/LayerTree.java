package dev.capas.layer.index;

import dev.capas.layer.tar.HeaderDetails;
import dev.capas.layer.tar.IndexEntry;
import dev.capas.layer.tar.Journal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of one layer as its archive leaves them: the last entry of a path counts, hard links have their file, whiteouts and opaque
 * directories are marked.
 */
public final class LayerTree {
    private static final int WHITEOUT_PREFIX = ".wh.".length();
    /** As many symbolic links as the kernel follows in one path. */
    private static final int MAX_LINKS = 40;

    private final String layer;
    private final Node root;
    private byte[] lastParent = new byte[0];
    private @Nullable Node lastParentNode;
    private boolean marked;

    LayerTree(String layer) {
        this.layer = layer;
        this.root = new Node("", Inode.impliedDirectory(layer));
    }

    /**
     * Reads the index of a layer.
     *
     * @param directory that of the layer, which has its journal
     * @param layer what its files are said to come from
     */
    public static LayerTree read(Path directory, String layer) throws IOException {
        LayerTree tree = new LayerTree(layer);
        Journal.details(directory, tree::add);
        return tree;
    }

    /**
     * Looks at a directory in overlay form: a layer that has no index, since it can still be written.
     *
     * @param layer what its files are said to come from
     */
    public static LayerTree walk(Path directory, String layer) throws IOException {
        LayerTree tree = new LayerTree(layer);
        UpperWalk.into(tree, directory);
        return tree;
    }

    /** What its files are said to come from: the DiffID, or what a container has in its place. */
    public String layer() {
        return layer;
    }

    /** The directory that all paths begin at. */
    public Node root() {
        return root;
    }

    private void add(IndexEntry entry, HeaderDetails details) throws IOException {
        if (entry.type() == IndexEntry.Type.NOTHING) {
            return;
        }
        byte[] path = entry.path();
        int slash = path.length - 1;
        while (slash >= 0 && path[slash] != '/') {
            slash--;
        }
        Node parent = parent(path, Math.max(0, slash));
        String name = Node.key(Arrays.copyOfRange(path, slash + 1, path.length));
        Inode.Owner owner = new Inode.Owner(entry.mode(), entry.uid(), entry.gid());
        switch (entry.type()) {
            case OPAQUE -> setOpaque(parent);
            case WHITEOUT -> whiteout(parent, name.substring(WHITEOUT_PREFIX));
            case DIRECTORY -> directory(parent, name, inode(FileType.DIRECTORY, entry, owner, details));
            case HARD_LINK -> {
                Inode linked = linked(details.cleanLinkName());
                linked.changeTo(owner, details.attributes());
                put(parent, new Node(name, linked));
            }
            case REGULAR -> put(parent, new Node(name, inode(FileType.REGULAR, entry, owner, details)));
            case SYMLINK -> put(parent, new Node(name, inode(FileType.SYMLINK, entry, owner, details)));
            case CHARACTER_DEVICE ->
                put(
                        parent,
                        new Node(
                                name,
                                details.major() == 0 && details.minor() == 0
                                        ? Inode.whiteout(layer)
                                        : inode(FileType.CHARACTER_DEVICE, entry, owner, details)));
            case BLOCK_DEVICE -> put(parent, new Node(name, inode(FileType.BLOCK_DEVICE, entry, owner, details)));
            case FIFO -> put(parent, new Node(name, inode(FileType.FIFO, entry, owner, details)));
            case NOTHING -> {}
        }
    }

    private Inode inode(FileType type, IndexEntry entry, Inode.Owner owner, HeaderDetails details) {
        return new Inode(
                layer,
                type,
                owner,
                entry.size(),
                entry.content(),
                type == FileType.SYMLINK ? Node.key(details.linkName()) : "",
                details.major() << 32 | details.minor(),
                details.attributes());
    }

    /** As the extraction has it: whoever removes a directory and has it too has an opaque one. */
    private void whiteout(Node parent, String name) {
        Node existing = parent.child(name);
        if (existing != null && existing.inode().isDirectory()) {
            setOpaque(existing);
        } else {
            put(parent, new Node(name, Inode.whiteout(layer)));
        }
    }

    private void directory(Node parent, String name, Inode inode) {
        Node existing = parent.child(name);
        if (existing != null && existing.inode().isDirectory()) {
            existing.become(inode);
            return;
        }
        Node made = new Node(name, inode);
        if (existing != null && existing.inode().type() == FileType.WHITEOUT) {
            setOpaque(made);
        }
        put(parent, made);
    }

    /** Whether it hides anything by a whiteout or an opaque directory. */
    boolean marked() {
        return marked;
    }

    void setOpaque(Node directory) {
        directory.setOpaque(true);
        marked = true;
    }

    void put(Node parent, Node child) {
        marked |= child.inode().type() == FileType.WHITEOUT;
        Node existing = parent.child(child.name());
        if (existing != null) {
            existing.visit(node -> node.inode().unnamed());
            lastParentNode = null;
        }
        parent.put(child);
    }

    /** The directory of a path, whose components are the first bytes of this; made, with those above it, where it is missing. */
    private Node parent(byte[] path, int length) {
        Node known = lastParentNode;
        if (known != null && Arrays.equals(path, 0, length, lastParent, 0, lastParent.length)) {
            return known;
        }
        Node at = root;
        for (int from = 0, to = 0; to <= length; to++) {
            if (to > from && (to == length || path[to] == '/')) {
                String name = Node.key(Arrays.copyOfRange(path, from, to));
                Node next = at.child(name);
                if (next == null) {
                    next = new Node(name, Inode.impliedDirectory(layer));
                    at.put(next);
                }
                at = next;
                from = to + 1;
            }
        }
        lastParent = Arrays.copyOf(path, length);
        lastParentNode = at;
        return at;
    }

    /** What a hard link's target is; the way to it may lead through symbolic links of the same layer. */
    private Inode linked(byte[] target) throws IOException {
        Node found = find(Node.key(target));
        if (found == null) {
            throw new IOException("the journal of " + layer + " has a hard link to /" + Node.key(target)
                    + ", which it does not have");
        }
        return found.inode();
    }

    private @Nullable Node find(String path) {
        Deque<String> left = new ArrayDeque<>(List.of(path.split("/")));
        Node at = root;
        int followed = 0;
        while (!left.isEmpty()) {
            String name = left.pop();
            if (name.equals("..")) {
                at = at.parent() == null ? root : at.parent();
            } else if (!name.isEmpty() && !name.equals(".")) {
                Node next = at.child(name);
                if (next == null) {
                    return null;
                }
                if (next.inode().type() != FileType.SYMLINK || left.isEmpty()) {
                    at = next;
                } else if (++followed > MAX_LINKS) {
                    return null;
                } else {
                    String target = next.inode().target();
                    at = target.startsWith("/") ? root : at;
                    List.of(target.split("/")).reversed().forEach(left::push);
                }
            }
        }
        return at;
    }
}

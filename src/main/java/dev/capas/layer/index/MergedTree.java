package dev.capas.layer.index;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a stack of layers shows, merged as overlayfs merges it, and what lies hidden in it. */
public final class MergedTree {
    private final Node root;
    private final List<Hidden> hidden = new ArrayList<>();

    private MergedTree(Node root) {
        this.root = root;
    }

    /**
     * Merges layers, which are of no use to others after that.
     *
     * @param layers bottom first, each layer once, at its topmost place
     */
    public static MergedTree of(List<LayerTree> layers) {
        MergedTree merged = new MergedTree(new Node("", Inode.impliedDirectory("")));
        for (LayerTree layer : layers) {
            merged.lay(layer);
        }
        merged.weigh();
        return merged;
    }

    /** The directory that all paths begin at. */
    public Node root() {
        return root;
    }

    /** The files that no name is left of; the bytes of a stack's layers are the sum of these and of what is seen. */
    public List<Hidden> hidden() {
        return hidden;
    }

    /**
     * What lies at a path; null where nothing does. Symbolic links are not followed.
     *
     * @param path each byte a character; slashes at its ends count nothing
     */
    public @Nullable Node find(String path) {
        Node at = root;
        for (String name : path.split("/")) {
            if (!name.isEmpty()) {
                at = at.child(name);
                if (at == null) {
                    return null;
                }
            }
        }
        return at;
    }

    private record Pair(Node lower, Node upper) {}

    private void lay(LayerTree layer) {
        Deque<Pair> left = new ArrayDeque<>();
        left.push(new Pair(root, layer.root()));
        while (!left.isEmpty()) {
            Pair pair = left.pop();
            if (pair.upper().opaque()) {
                for (Node lower : List.copyOf(pair.lower().children())) {
                    hide(lower, layer);
                }
            }
            for (Node upper : pair.upper().children()) {
                Node lower = pair.lower().child(upper.name());
                boolean both = lower != null
                        && lower.inode().isDirectory()
                        && upper.inode().isDirectory();
                if (both) {
                    lower.become(upper.inode());
                    left.push(new Pair(lower, upper));
                    continue;
                }
                if (lower != null) {
                    hide(lower, layer);
                }
                // where a layer has a directory alone its marks hide nothing
                if (upper.inode().type() != FileType.WHITEOUT) {
                    pair.lower().put(upper);
                    if (layer.marked()) {
                        upper.visit(Node::dropMarks);
                    }
                }
            }
        }
    }

    private void hide(Node node, LayerTree by) {
        Node parent = node.parent();
        node.visit(gone -> {
            if (gone.inode().unnamed() && gone.inode().size() > 0) {
                hidden.add(new Hidden(gone.path(), gone.inode(), by.layer()));
            }
        });
        if (parent != null) {
            parent.remove(node);
        }
    }

    /** Adds up every directory. A file with several names is added at each of them, and taken away again where two of them meet. */
    private void weigh() {
        List<Node> parentsFirst = new ArrayList<>();
        Map<Inode, List<Node>> linked = new IdentityHashMap<>();
        root.visit(node -> {
            parentsFirst.add(node);
            if (!node.inode().isDirectory()) {
                node.add(node.inode().size(), 1);
                if (node.inode().links() > 1) {
                    linked.computeIfAbsent(node.inode(), inode -> new ArrayList<>())
                            .add(node);
                }
            }
        });
        for (List<Node> names : linked.values()) {
            names.sort(Node.IN_ORDER);
            for (int i = 1; i < names.size(); i++) {
                names.get(i).setAlias();
                meeting(names.get(i - 1), names.get(i))
                        .add(-names.get(i).inode().size(), 0);
            }
        }
        for (Node node : parentsFirst.reversed()) {
            Node parent = node.parent();
            if (parent != null) {
                parent.add(node.size(), node.files());
            }
        }
    }

    private static Node meeting(Node one, Node other) {
        Node a = one;
        Node b = other;
        int depthOfA = a.depth();
        int depthOfB = b.depth();
        for (; depthOfA > depthOfB; depthOfA--) {
            a = up(a);
        }
        for (; depthOfB > depthOfA; depthOfB--) {
            b = up(b);
        }
        while (a != b) {
            a = up(a);
            b = up(b);
        }
        return a;
    }

    private static Node up(Node node) {
        return java.util.Objects.requireNonNull(node.parent());
    }
}

package dev.capas.usage;

import dev.capas.container.Container;
import dev.capas.container.Containers;
import dev.capas.errdefs.EngineException;
import dev.capas.filter.Slice;
import dev.capas.image.Images;
import dev.capas.layer.FileIndex;
import dev.capas.layer.index.FileType;
import dev.capas.layer.index.LayerTree;
import dev.capas.layer.index.MergedTree;
import dev.capas.layer.index.Node;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import org.springframework.stereotype.Service;

/** The files of images and containers, with what they weigh and the layer that each comes from. */
@Service
public class FileListing {
    private final Images images;
    private final Containers containers;
    private final FileIndex index;

    FileListing(Images images, Containers containers, FileIndex index) {
        this.images = images;
        this.containers = containers;
        this.index = index;
    }

    /**
     * Those of an image, from the indexes of its layers.
     *
     * @throws EngineException if there is no such image or path (404), or the query cannot be right (400)
     */
    public Slice<ListedFile> ofImage(String name, FileQuery query) {
        String path = FilePath.key(query.path());
        Comparator<Node> order = query.order();
        MergedTree tree = index.merged(images.resolve(name).diffIds());
        return list(find(tree, path, "image " + name), query, order);
    }

    /**
     * Those of a container, running or not: its image's from the indexes, its own as they are now.
     *
     * @throws EngineException if there is no such container or path (404), or the query cannot be right (400)
     */
    public Slice<ListedFile> ofContainer(String name, FileQuery query) {
        String path = FilePath.key(query.path());
        Comparator<Node> order = query.order();
        Container container = containers.get(name);
        List<LayerTree> layers = index.layers(container.readWriteLayer().stack());
        try {
            layers.addAll(container.readWriteLayer().files());
        } catch (IOException e) {
            throw EngineException.system("cannot look at the files of container " + name + ": " + e.getMessage(), e);
        }
        return list(find(MergedTree.of(layers), path, "container " + name), query, order);
    }

    private static Node find(MergedTree tree, String path, String where) {
        Node at = tree.root();
        for (String name : path.isEmpty() ? new String[0] : path.split("/")) {
            Node next = at.child(name);
            if (next == null) {
                throw EngineException.notFound(missing(at, path, where));
            }
            at = next;
        }
        return at;
    }

    private static String missing(Node last, String path, String where) {
        String reason = "";
        if (last.inode().type() == FileType.SYMLINK) {
            reason = ": " + FilePath.of(last.path()).text() + " is a symbolic link to "
                    + ListedFile.of(last).target().text() + ", links are not followed";
        } else if (path.matches(".*[*?\\[{].*")) {
            reason = " (patterns are not expanded)";
        }
        return "No such file or directory: " + FilePath.of(path).text() + " in " + where + reason;
    }

    private record Level(Node node, int depth) {}

    private static Slice<ListedFile> list(
            Node from, FileQuery query, @org.jspecify.annotations.Nullable Comparator<Node> order) {
        List<Node> listed = new ArrayList<>();
        if (query.depth() == 0 || !from.inode().isDirectory()) {
            listed.add(from);
        } else {
            below(from, query.depth(), listed);
        }
        if (order != null) {
            listed.sort(order);
        }
        Slice<Node> slice = Offset.slice(listed, query.limit(), query.after());
        return new Slice<>(slice.items().stream().map(ListedFile::of).toList(), slice.next());
    }

    private static void below(Node from, int depth, List<Node> listed) {
        Deque<Level> left = new ArrayDeque<>();
        left.push(new Level(from, 0));
        while (!left.isEmpty()) {
            Level next = left.pop();
            if (next.depth() > 0) {
                listed.add(next.node());
            }
            if (next.depth() < depth) {
                next.node().sortedChildren().reversed().forEach(child -> left.push(new Level(child, next.depth() + 1)));
            }
        }
    }
}

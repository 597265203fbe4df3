package dev.capas.layer.index;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What names in a tree stand for: all hard links of a file have one. */
public final class Inode {
    static final int SYMLINK_MODE = 0777;
    private static final int IMPLIED_DIRECTORY = 0755;

    private final String layer;
    private final FileType type;
    private final long size;
    private final byte @Nullable [] content;
    private final String target;
    private final long device;
    private int mode;
    private long uid;
    private long gid;
    private Map<String, String> attributes;
    private int links;

    Inode(
            String layer,
            FileType type,
            Owner owner,
            long size,
            byte @Nullable [] content,
            String target,
            long device,
            Map<String, String> attributes) {
        this.layer = layer;
        this.type = type;
        this.size = size;
        this.content = content;
        this.target = target;
        this.device = device;
        this.attributes = attributes;
        own(owner);
    }

    /**
     * Whose it is, and who may do what.
     *
     * @param mode the permission bits with setuid, setgid and sticky
     */
    record Owner(int mode, long uid, long gid) {}

    /** A directory that an archive does not list, but something below it. */
    static Inode impliedDirectory(String layer) {
        return new Inode(layer, FileType.DIRECTORY, new Owner(IMPLIED_DIRECTORY, 0, 0), 0, null, "", 0, Map.of());
    }

    static Inode whiteout(String layer) {
        return new Inode(layer, FileType.WHITEOUT, new Owner(0, 0, 0), 0, null, "", 0, Map.of());
    }

    private void own(Owner owner) {
        this.mode = type == FileType.SYMLINK ? SYMLINK_MODE : owner.mode();
        this.uid = owner.uid();
        this.gid = owner.gid();
    }

    /** A later name of the same file may say otherwise who owns it, and then that holds for all its names. */
    void changeTo(Owner owner, Map<String, String> attributes) {
        own(owner);
        if (!attributes.isEmpty()) {
            this.attributes = attributes;
        }
    }

    void named() {
        links++;
    }

    /** Takes a name; true where it was the last. */
    boolean unnamed() {
        return --links == 0;
    }

    /** The layer that it comes from: its DiffID, or what a container has in its place. */
    public String layer() {
        return layer;
    }

    public FileType type() {
        return type;
    }

    public boolean isDirectory() {
        return type == FileType.DIRECTORY;
    }

    /** What it adds to its layer's size in bytes: the apparent length of a regular file, the length of a symbolic link's target, else 0. */
    public long size() {
        return size;
    }

    /** Where a symbolic link points to, each byte a character; else empty. */
    public String target() {
        return target;
    }

    /** The permission bits with setuid, setgid and sticky. */
    public int mode() {
        return mode;
    }

    public long uid() {
        return uid;
    }

    public long gid() {
        return gid;
    }

    /** How many names it has in the tree. */
    public int links() {
        return links;
    }

    /** Whether both are the same but for who owns them; what nobody has digested (a sparse file) is only the same within one layer. */
    public boolean hasContentOf(Inode other) {
        return type == other.type
                && size == other.size
                && device == other.device
                && target.equals(other.target)
                && (content == null && type == FileType.REGULAR
                        ? layer.equals(other.layer)
                        : Arrays.equals(content, other.content));
    }

    /** Whether both have the same permission bits. */
    public boolean hasModeOf(Inode other) {
        return mode == other.mode;
    }

    /** Whether both belong to the same user and group. */
    public boolean hasOwnerOf(Inode other) {
        return uid == other.uid && gid == other.gid;
    }

    /** Whether both have the same extended attributes. */
    public boolean hasAttributesOf(Inode other) {
        return attributes.equals(other.attributes);
    }
}

package dev.capas.usage;

import dev.capas.layer.index.Inode;
import dev.capas.layer.index.Node;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A path at which two trees differ.
 *
 * @param key the path without a leading slash, each byte a character
 * @param before what the base has there, null where nothing
 * @param after what the image has there, null where nothing
 * @param aspects in what the two differ, where both have something; times are not compared
 */
public record FileDifference(
        String key, @Nullable Node before, @Nullable Node after, Set<Aspect> aspects) {
    /** What became of a path. */
    public enum Kind {
        ADDED,
        CHANGED,
        REMOVED
    }

    /** In what two files may differ; where the type does nothing else is compared. */
    public enum Aspect {
        TYPE,
        CONTENT,
        MODE,
        OWNER,
        ATTRIBUTES
    }

    static @Nullable FileDifference of(@Nullable Node before, @Nullable Node after) {
        if (before == null || after == null) {
            Node there = Objects.requireNonNullElse(after, before);
            return new FileDifference(Objects.requireNonNull(there).path(), before, after, Set.of());
        }
        Inode old = before.inode();
        Inode now = after.inode();
        boolean content = now.hasContentOf(old);
        if (content && now.hasModeOf(old) && now.hasOwnerOf(old) && now.hasAttributesOf(old)) {
            return null;
        }
        Set<Aspect> aspects = EnumSet.noneOf(Aspect.class);
        if (now.type() != old.type()) {
            aspects.add(Aspect.TYPE);
        } else {
            add(content, Aspect.CONTENT, aspects);
            add(now.hasModeOf(old), Aspect.MODE, aspects);
            add(now.hasOwnerOf(old), Aspect.OWNER, aspects);
            add(now.hasAttributesOf(old), Aspect.ATTRIBUTES, aspects);
        }
        return new FileDifference(after.path(), before, after, aspects);
    }

    private static void add(boolean same, Aspect aspect, Set<Aspect> aspects) {
        if (!same) {
            aspects.add(aspect);
        }
    }

    /** Whether the path came, went, or is another thing now. */
    public Kind kind() {
        return before == null ? Kind.ADDED : after == null ? Kind.REMOVED : Kind.CHANGED;
    }

    /** Where it is. */
    public FilePath path() {
        return FilePath.of(key);
    }

    /** What the image has there; what the base had, where it is gone. */
    public Inode inode() {
        return after != null ? after.inode() : Objects.requireNonNull(before).inode();
    }

    /** The bytes that the path has in the image; a further name of a file has none. */
    public long size() {
        return after == null ? 0 : after.ownSize();
    }

    /** The bytes that the path has in the base. */
    public long baseSize() {
        return before == null ? 0 : before.ownSize();
    }

    /** The aspects in small letters. */
    public List<String> changes() {
        List<String> words = new ArrayList<>();
        aspects.forEach(aspect -> words.add(aspect.name().toLowerCase(Locale.ROOT)));
        return words;
    }

    /** Whether the image stores again what the base has, because of who owns it or may do what. */
    public boolean isMetadataOnly() {
        return kind() == Kind.CHANGED && !aspects.contains(Aspect.TYPE) && !aspects.contains(Aspect.CONTENT);
    }
}

package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.filter.ByteSize;
import dev.capas.layer.index.FileType;
import dev.capas.layer.index.Inode;
import dev.capas.usage.Comparison;
import dev.capas.usage.FileComparison;
import dev.capas.usage.FileDifference;
import dev.capas.usage.FilePath;
import dev.capas.usage.ListedFile;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** Files of images and containers, and in what those of two images differ, as the answers of the API show them. */
final class FileResponses {
    private FileResponses() {}

    /**
     * A file or directory. Names are bytes: where one is no UTF-8, the text shows U+FFFD in its place, and the percent-encoded form beside
     * it has every byte, as the parameter {@code path} takes it.
     *
     * @param path with a leading slash
     * @param encodedPath the same percent-encoded; only where the text is not exact
     * @param type {@code file}, {@code directory}, {@code symlink}, {@code device} (character or block), {@code fifo} or {@code socket}
     * @param mode the permission bits with setuid, setgid and sticky
     * @param uid its owner
     * @param gid its group
     * @param size apparent bytes; of a directory those of all below it, each inode once; of a symlink the length of its target
     * @param files of a directory, how many names that are no directories lie below it; else 1
     * @param links how many names of the tree stand for it
     * @param target where a symlink leads
     * @param encodedTarget the same percent-encoded; only where the text is not exact
     * @param layer the DiffID of the layer that it comes from; of a container also {@code container} for its own read-write layer and {@code init}
     *     for what the engine puts between the two
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "File")
    record Item(
            String path,
            @Nullable String encodedPath,
            String type,
            int mode,
            long uid,
            long gid,
            long size,
            long files,
            int links,
            @Nullable String target,
            @Nullable String encodedTarget,
            String layer) {}

    static List<Item> items(List<ListedFile> files) {
        return files.stream().map(FileResponses::item).toList();
    }

    private static Item item(ListedFile file) {
        Inode inode = file.inode();
        FilePath target = inode.type() == FileType.SYMLINK ? file.target() : null;
        return new Item(
                file.path().text(),
                file.path().encoded(),
                type(inode),
                inode.mode(),
                inode.uid(),
                inode.gid(),
                file.size(),
                file.files(),
                inode.isDirectory() ? 1 : inode.links(),
                target == null ? null : target.text(),
                target == null ? null : target.encoded(),
                inode.layer());
    }

    private static String type(Inode inode) {
        return switch (inode.type()) {
            case REGULAR -> "file";
            case DIRECTORY -> "directory";
            case SYMLINK -> "symlink";
            case CHARACTER_DEVICE, BLOCK_DEVICE -> "device";
            case FIFO -> "fifo";
            case SOCKET -> "socket";
            case WHITEOUT -> "whiteout";
        };
    }

    static TextTable table(List<ListedFile> files) {
        TextTable table = new TextTable("SIZE", "FILES", "MODE", "OWNER", "LAYER", "PATH");
        for (ListedFile file : files) {
            Inode inode = file.inode();
            table.row(
                    ByteSize.format(file.size()),
                    file.files(),
                    Integer.toOctalString(inode.mode()),
                    inode.uid() + ":" + inode.gid(),
                    shortLayer(inode.layer()),
                    shown(file.path())
                            + (inode.isDirectory() ? "/" : "")
                            + (inode.type() == FileType.SYMLINK ? " -> " + shown(file.target()) : ""));
        }
        return table;
    }

    /** What people read: the exact form where the text is none. */
    static String shown(FilePath path) {
        String encoded = path.encoded();
        return encoded == null ? path.text() : encoded;
    }

    /** The first twelve digits of a DiffID, as clients print them. */
    static String shortLayer(String layer) {
        return layer.startsWith("sha256:") ? layer.substring(7, 19) : layer;
    }

    /**
     * Two images beside each other. The totals are exact; of the differences one part is listed.
     *
     * @param id the digest of the image's configuration
     * @param baseId that of the base
     * @param inRegistry whether the base is not here and was looked up in its registry
     * @param size apparent bytes of the image's layers
     * @param baseSize those of the base; null where one of its layers is not here
     * @param sizeDelta what the image has more; null where that is not known
     * @param compressedSize bytes of the blobs of the image's layers; null where one was never seen
     * @param baseCompressedSize those of the base
     * @param compressedDelta what the image has more; null where that is not known
     * @param layers of both
     * @param files of both; null where those of the base are not known
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ImageComparison")
    record Compared(
            @JsonProperty("ID") String id,
            @JsonProperty("BaseID") String baseId,
            boolean inRegistry,
            @Nullable Long size,
            @Nullable Long baseSize,
            @Nullable Long sizeDelta,
            @Nullable Long compressedSize,
            @Nullable Long baseCompressedSize,
            @Nullable Long compressedDelta,
            ComparedLayers layers,
            @Nullable ComparedFiles files) {}

    /** The layers of two images, each once. */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ComparedLayers")
    record ComparedLayers(LayerSet common, LayerSet added, LayerSet removed) {}

    /**
     * Some layers.
     *
     * @param count how many
     * @param size apparent bytes; null where one is not here
     * @param compressedSize bytes of their blobs; null where one was never seen
     * @param diffIds bottom first
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "LayerSet")
    record LayerSet(
            int count,
            @Nullable Long size,
            @Nullable Long compressedSize,
            @JsonProperty("DiffIDs") List<String> diffIds) {
        static LayerSet of(Comparison.Layers layers) {
            return new LayerSet(
                    layers.layers().size(),
                    layers.size(),
                    layers.compressedSize(),
                    layers.layers().stream()
                            .map(layer -> layer.diffId().toString())
                            .toList());
        }
    }

    /**
     * The paths of two images, directories too, which have no bytes of their own. A file of several names counts its bytes at the first.
     *
     * @param common the same in both: type, content, mode, owner and extended attributes; times are not compared
     * @param added only in the image
     * @param changed in both, and not the same
     * @param metadataOnly those of them whose content is the same: bytes that a {@code chown} or {@code chmod} has stored again
     * @param removed only in the base
     * @param differences a part of the added, changed and removed ones
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "ComparedFiles")
    record ComparedFiles(
            FileTotal common,
            FileTotal added,
            FileTotal changed,
            FileTotal metadataOnly,
            FileTotal removed,
            List<Difference> differences) {}

    /**
     * How many paths, and what they weigh.
     *
     * @param size apparent bytes in the image
     * @param baseSize apparent bytes in the base
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "FileTotal")
    record FileTotal(long count, long size, long baseSize) {
        static FileTotal of(FileComparison.Total total) {
            return new FileTotal(total.count(), total.size(), total.baseSize());
        }
    }

    /**
     * A path at which two images differ.
     *
     * @param path with a leading slash; what is no UTF-8 is U+FFFD in it
     * @param encodedPath the same percent-encoded; only where the text is not exact
     * @param kind {@code added}, {@code changed} or {@code removed}
     * @param changes of a changed one: {@code type}, or some of {@code content}, {@code mode}, {@code owner}, {@code attributes}
     * @param size apparent bytes in the image
     * @param baseSize apparent bytes in the base
     * @param layer the DiffID of the layer that it comes from, or came from in the base
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "FileDifference")
    record Difference(
            String path,
            @Nullable String encodedPath,
            String kind,
            List<String> changes,
            long size,
            long baseSize,
            String layer) {
        static Difference of(FileDifference difference) {
            return new Difference(
                    difference.path().text(),
                    difference.path().encoded(),
                    kindOf(difference),
                    difference.changes(),
                    difference.size(),
                    difference.baseSize(),
                    difference.inode().layer());
        }
    }

    private static String kindOf(FileDifference difference) {
        return difference.kind().name().toLowerCase(java.util.Locale.ROOT);
    }

    static Compared compared(Comparison comparison, List<FileDifference> listed) {
        FileComparison files = comparison.files();
        return new Compared(
                comparison.image().id().toString(),
                comparison.base().id().toString(),
                comparison.inRegistry(),
                comparison.image().size(),
                comparison.base().size(),
                comparison.sizeDelta(),
                comparison.image().compressedSize(),
                comparison.base().compressedSize(),
                comparison.compressedDelta(),
                new ComparedLayers(
                        LayerSet.of(comparison.common()),
                        LayerSet.of(comparison.added()),
                        LayerSet.of(comparison.removed())),
                files == null
                        ? null
                        : new ComparedFiles(
                                FileTotal.of(files.common()),
                                FileTotal.of(files.added()),
                                FileTotal.of(files.changed()),
                                FileTotal.of(files.metadataOnly()),
                                FileTotal.of(files.removed()),
                                listed.stream().map(Difference::of).toList()));
    }

    static String text(Comparison comparison, List<FileDifference> listed) {
        TextTable sums = new TextTable("", "COUNT", "SIZE", "BASE SIZE", "DELTA");
        sums.row(
                "size",
                "",
                size(comparison.image().size()),
                size(comparison.base().size()),
                size(comparison.sizeDelta()));
        sums.row(
                "compressed",
                "",
                size(comparison.image().compressedSize()),
                size(comparison.base().compressedSize()),
                size(comparison.compressedDelta()));
        layers("common layers", comparison.common(), sums);
        layers("added layers", comparison.added(), sums);
        layers("removed layers", comparison.removed(), sums);
        FileComparison files = comparison.files();
        if (files == null) {
            return sums.toString();
        }
        total("common files", files.common(), sums);
        total("added files", files.added(), sums);
        total("changed files", files.changed(), sums);
        total("  only mode, owner", files.metadataOnly(), sums);
        total("removed files", files.removed(), sums);
        if (listed.isEmpty()) {
            return sums.toString();
        }
        TextTable table = new TextTable("CHANGE", "SIZE", "BASE SIZE", "LAYER", "PATH");
        for (FileDifference difference : listed) {
            List<String> words = new ArrayList<>(difference.changes());
            words.addFirst(kindOf(difference) + (words.isEmpty() ? "" : ":"));
            table.row(
                    String.join(" ", words),
                    ByteSize.format(difference.size()),
                    ByteSize.format(difference.baseSize()),
                    shortLayer(difference.inode().layer()),
                    shown(difference.path()));
        }
        return sums + "\n" + table;
    }

    private static void layers(String what, Comparison.Layers layers, TextTable sums) {
        sums.row(what, layers.layers().size(), size(layers.size()), "", "");
    }

    private static void total(String what, FileComparison.Total total, TextTable sums) {
        sums.row(
                what,
                total.count(),
                ByteSize.format(total.size()),
                ByteSize.format(total.baseSize()),
                ByteSize.format(total.size() - total.baseSize()));
    }

    private static String size(@Nullable Long bytes) {
        return bytes == null ? "unknown" : ByteSize.format(bytes);
    }
}

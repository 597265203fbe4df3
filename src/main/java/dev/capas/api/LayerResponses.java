package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.capas.container.StatusText;
import dev.capas.filter.ByteSize;
import dev.capas.layer.Layer;
import dev.capas.oci.Digest;
import dev.capas.usage.LayerContents;
import dev.capas.usage.LayerUser;
import dev.capas.usage.UsedLayer;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** Layers as the answers of the API show them. */
final class LayerResponses {
    private static final int LONGEST_COMMAND = 45;
    private static final int NAMED_USERS = 2;

    private LayerResponses() {}

    /**
     * A layer and who uses it.
     *
     * @param diffId the digest of its uncompressed tar
     * @param size apparent bytes of its files, each inode once
     * @param diskUsage allocated bytes of its tree and its journal
     * @param compressedSize bytes of the blob that it came as, null where none was ever seen
     * @param files how many entries it has
     * @param created when the engine got it
     * @param lastUsed when a container on it, or of an image that lists it, was last made, started or ended; null for never
     * @param refCount how many images and containers refer to it
     * @param users those, images first; in a list of layers the first three
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "Layer")
    record Item(
            @JsonProperty("DiffID") Digest diffId,
            long size,
            long diskUsage,
            @Nullable Long compressedSize,
            long files,
            Instant created,
            @Nullable Instant lastUsed,
            int refCount,
            List<User> users) {}

    /**
     * Who refers to a layer.
     *
     * @param type {@code image} or {@code container}
     * @param id of the image or the container
     * @param names the tags of the image, or its digests where it has none; the name of the container
     * @param position where the layer lies in its stack, 0 at the bottom; null where a container only shows it
     * @param createdBy the command that made the layer in this image; not of containers
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "LayerUser")
    record User(
            String type,
            @JsonProperty("ID") String id,
            List<String> names,
            @Nullable Integer position,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String createdBy) {}

    /**
     * A layer, who uses it, and what stands out in it.
     *
     * @param largestFiles the largest first
     * @param whiteouts what it takes away from the layers below
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "LayerInspect")
    record Inspect(@JsonUnwrapped Item layer, List<LargeFile> largestFiles, List<Whiteout> whiteouts) {}

    /**
     * A file of a layer.
     *
     * @param size apparent bytes
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "LayerFile")
    record LargeFile(String path, long size) {}

    /**
     * A mark that hides what lies below.
     *
     * @param opaque whether it is a directory that hides all that lower layers have in it; else the path is gone
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "LayerWhiteout")
    record Whiteout(String path, boolean opaque) {}

    static Item item(UsedLayer used) {
        Layer layer = used.layer();
        return new Item(
                layer.diffId(),
                layer.size(),
                layer.diskUsage(),
                layer.compressedSize(),
                layer.files(),
                layer.created(),
                used.lastUsed(),
                used.refCount(),
                users(used.users()));
    }

    static Inspect inspect(UsedLayer used, LayerContents contents) {
        return new Inspect(item(used), largestFiles(contents), whiteouts(contents));
    }

    static List<LargeFile> largestFiles(LayerContents contents) {
        return contents.largestFiles().stream()
                .map(file -> new LargeFile(file.path(), file.size()))
                .toList();
    }

    static List<Whiteout> whiteouts(LayerContents contents) {
        return contents.whiteouts().stream()
                .map(mark -> new Whiteout(mark.path(), mark.opaque()))
                .toList();
    }

    static List<User> users(List<LayerUser> users) {
        return users.stream().map(LayerResponses::user).toList();
    }

    private static User user(LayerUser user) {
        return switch (user) {
            case LayerUser.OfImage image ->
                new User("image", image.id().toString(), image.names(), image.position(), image.createdBy());
            case LayerUser.OfContainer container ->
                new User("container", container.id(), List.of(container.name()), container.position(), null);
        };
    }

    /** The list as people read it. */
    static TextTable table(List<UsedLayer> layers) {
        Instant now = Instant.now();
        TextTable table = new TextTable(
                "DIFF ID", "SIZE", "DISK USAGE", "FILES", "CREATED", "LAST USED", "REFS", "CREATED BY", "USERS");
        for (UsedLayer used : layers) {
            Layer layer = used.layer();
            table.row(
                    layer.diffId().shortHex(),
                    ByteSize.format(layer.size()),
                    ByteSize.format(layer.diskUsage()),
                    layer.files(),
                    ago(layer.created(), now),
                    used.lastUsed() == null ? "never" : ago(used.lastUsed(), now),
                    used.refCount(),
                    command(createdBy(used.users())),
                    names(used.users(), used.refCount()));
        }
        return table;
    }

    private static String createdBy(List<LayerUser> users) {
        return users.stream()
                .flatMap(user -> user instanceof LayerUser.OfImage image
                        ? java.util.stream.Stream.of(image.createdBy())
                        : java.util.stream.Stream.empty())
                .findFirst()
                .orElse("");
    }

    static String ago(Instant then, Instant now) {
        return StatusText.text(Duration.between(then, now)) + " ago";
    }

    /** A command as {@code docker history} shows it. */
    static String command(String command) {
        String line = command.replace('\t', ' ');
        return line.length() <= LONGEST_COMMAND ? line : line.substring(0, LONGEST_COMMAND - 1) + "…";
    }

    /** The first of the users, and how many there are beside them. */
    static String names(List<LayerUser> users, int count) {
        List<String> named = new ArrayList<>();
        users.stream().limit(NAMED_USERS).forEach(user -> named.add(name(user)));
        String more = count > named.size() ? " +" + (count - named.size()) : "";
        return String.join(", ", named) + more;
    }

    private static String name(LayerUser user) {
        return switch (user) {
            case LayerUser.OfImage image ->
                image.names().isEmpty() ? image.id().shortHex() : image.names().getFirst();
            case LayerUser.OfContainer container -> container.name();
        };
    }

    /** One layer as people read it. */
    static String text(UsedLayer used, LayerContents contents) {
        Layer layer = used.layer();
        Instant now = Instant.now();
        TextTable facts = new TextTable("DIFF ID", layer.diffId().toString())
                .row("SIZE", ByteSize.format(layer.size()))
                .row("DISK USAGE", ByteSize.format(layer.diskUsage()))
                .row("COMPRESSED", layer.compressedSize() == null ? "unknown" : ByteSize.format(layer.compressedSize()))
                .row("FILES", layer.files())
                .row("CREATED", ago(layer.created(), now))
                .row("LAST USED", used.lastUsed() == null ? "never" : ago(used.lastUsed(), now));
        TextTable users = new TextTable("USER", "ID", "POSITION", "CREATED BY");
        for (User user : users(used.users())) {
            users.row(
                    user.type().equals("image") && user.names().isEmpty() ? "<none>" : String.join(", ", user.names()),
                    user.id().replace("sha256:", "").substring(0, 12),
                    user.position() == null ? "" : user.position(),
                    user.createdBy() == null ? "" : command(user.createdBy()));
        }
        TextTable files = new TextTable("SIZE", "FILE");
        contents.largestFiles().forEach(file -> files.row(ByteSize.format(file.size()), file.path()));
        TextTable whiteouts = new TextTable("HIDES", "PATH");
        contents.whiteouts().forEach(mark -> whiteouts.row(mark.opaque() ? "all in" : "", mark.path()));
        return facts + "\n" + users + "\n" + files + (contents.whiteouts().isEmpty() ? "" : "\n" + whiteouts);
    }
}

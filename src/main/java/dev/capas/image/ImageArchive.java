package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.home.EngineHome;
import dev.capas.home.TemporaryFile;
import dev.capas.layer.tar.ArchiveEntry;
import dev.capas.layer.tar.Decompression;
import dev.capas.oci.Json;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * An archive of images as {@code docker save} writes it, kept in a nameless file until it is read: the manifest, which says what
 * the rest is, comes last. Nothing of it is extracted; names and links are resolved among its entries alone.
 */
final class ImageArchive implements Closeable {
    private static final int MAX_MANIFEST = 16 << 20;
    private static final int MAX_LINKS = 32;

    /** An entry of {@code manifest.json}. */
    record ManifestItem(
            @Nullable String config,
            @Nullable List<String> repoTags,
            @Nullable List<String> layers,
            @Nullable String parent) {}

    private final TemporaryFile file;
    private final Map<String, ArchiveEntry> entries = new HashMap<>();

    private ImageArchive(TemporaryFile file) {
        this.file = file;
    }

    /**
     * Takes in the whole stream, decompressed where it is compressed.
     *
     * @throws EngineException if it is no tar
     * @throws IOException if it ends early or cannot be stored
     */
    static ImageArchive read(InputStream in, EngineHome home) throws IOException {
        TemporaryFile file = TemporaryFile.in(home);
        ImageArchive archive = new ImageArchive(file);
        try {
            file.append(Decompression.of(in).stream());
            archive.index();
            return archive;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private void index() throws IOException {
        for (ArchiveEntry entry : ArchiveEntry.list(file.read(0, file.size()))) {
            if (entry.kind() != ArchiveEntry.Kind.DIRECTORY) {
                entries.put(clean("", entry.name()), entry);
            }
        }
    }

    /**
     * What {@code manifest.json} says.
     *
     * @throws EngineException if it is missing or malformed
     */
    List<ManifestItem> manifest() throws IOException {
        byte[] json = bytes("manifest.json", MAX_MANIFEST);
        ManifestItem[] items;
        try {
            items = Json.FOREIGN.readValue(new String(json, StandardCharsets.UTF_8), ManifestItem[].class);
        } catch (JacksonException e) {
            throw EngineException.invalidParameter("invalid manifest: " + e.getOriginalMessage());
        }
        if (items == null) {
            throw EngineException.invalidParameter("invalid manifest, manifest cannot be null (but can be [])");
        }
        for (ManifestItem item : items) {
            if (item == null) {
                throw EngineException.invalidParameter("invalid manifest, an item is null");
            }
        }
        return List.of(items);
    }

    /** The whole content of a small file. */
    byte[] bytes(String name, int limit) throws IOException {
        ArchiveEntry entry = find(name);
        if (entry.size() > limit) {
            throw EngineException.invalidParameter(name + " of " + entry.size() + " bytes is too large");
        }
        try (InputStream in = file.read(entry.offset(), entry.size())) {
            return in.readAllBytes();
        }
    }

    /** The length of a file in bytes. */
    long size(String name) {
        return find(name).size();
    }

    /** Reads a file, independently of every other reader. */
    InputStream open(String name) {
        ArchiveEntry entry = find(name);
        return file.read(entry.offset(), entry.size());
    }

    private ArchiveEntry find(String name) {
        String at = clean("", name);
        for (int links = 0; links < MAX_LINKS; links++) {
            ArchiveEntry entry = entries.get(at);
            if (entry == null) {
                break;
            }
            switch (entry.kind()) {
                case FILE -> {
                    return entry;
                }
                case SYMLINK -> {
                    String directory = at.contains("/") ? at.substring(0, at.lastIndexOf('/')) : "";
                    at = clean(directory, entry.linkName());
                }
                case HARD_LINK -> at = clean("", entry.linkName());
                case DIRECTORY, OTHER -> throw notThere(name);
            }
        }
        throw notThere(name);
    }

    private static EngineException notThere(String name) {
        return EngineException.invalidParameter("open " + name + ": no such file or directory");
    }

    /** The name within the archive, as seen from a directory; it cannot lead out. */
    private static String clean(String directory, String name) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : (name.startsWith("/") ? name : directory + "/" + name).split("/")) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return String.join("/", parts);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

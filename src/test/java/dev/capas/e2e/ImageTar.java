package dev.capas.e2e;

import dev.capas.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Archives in the layout of docker save before 25, made by hand so that they can also be wrong. */
public final class ImageTar {
    private ImageTar() {}

    /** The tar of a layer with one file. */
    public static byte[] layer(String name, String content) {
        return tar(Map.of(name, content.getBytes(StandardCharsets.UTF_8)));
    }

    /** The configuration of an image with these layers, bottom first. */
    public static byte[] config(List<Digest> diffIds) {
        String ids = diffIds.stream().map(id -> "\"" + id + "\"").collect(Collectors.joining(","));
        return ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2026-01-01T00:00:00Z\",\"config\":{\"Cmd\":[\"sh\"]},"
                        + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + ids + "]}}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The same with a history: a step for each command, one that begins with {@code #} makes no layer. */
    static byte[] config(List<Digest> diffIds, List<String> commands) {
        String steps = commands.stream()
                .map(command -> "{\"created\":\"2026-01-02T03:04:05Z\",\"created_by\":\"" + command
                        + "\",\"empty_layer\":" + command.startsWith("#") + "}")
                .collect(Collectors.joining(","));
        return new String(config(diffIds), StandardCharsets.UTF_8)
                .replace("\"rootfs\"", "\"history\":[" + steps + "],\"rootfs\"")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The files of the archive of one image, in their order; the manifest is the last. */
    public static Map<String, byte[]> files(String tag, byte[]... layers) {
        return configured(tag, config(Stream.of(layers).map(Digest::ofContent).toList()), layers);
    }

    /** The same with this configuration. */
    static Map<String, byte[]> configured(String tag, byte[] config, byte[]... layers) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<Digest> diffIds = List.of(layers).stream().map(Digest::ofContent).toList();
        for (byte[] layer : layers) {
            files.put(Digest.ofContent(layer).hex() + "/layer.tar", layer);
        }
        String name = Digest.ofContent(config).hex() + ".json";
        files.put(name, config);
        String paths =
                diffIds.stream().map(id -> "\"" + id.hex() + "/layer.tar\"").collect(Collectors.joining(","));
        files.put(
                "manifest.json",
                ("[{\"Config\":\"" + name + "\",\"RepoTags\":[\"" + tag + "\"],\"Layers\":[" + paths + "]}]")
                        .getBytes(StandardCharsets.UTF_8));
        return files;
    }

    public static byte[] tar(Map<String, byte[]> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(file.getValue().length);
                entry.setModTime(0);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}

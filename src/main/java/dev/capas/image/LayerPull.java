package dev.capas.image;

import dev.capas.home.EngineHome;
import dev.capas.home.TemporaryFile;
import dev.capas.layer.LayerStore;
import dev.capas.layer.Lease;
import dev.capas.layer.tar.Decompression;
import dev.capas.oci.Descriptor;
import dev.capas.oci.Digest;
import dev.capas.registry.BlobDownload;
import dev.capas.registry.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.springframework.stereotype.Component;

/** Gets the layers of an image that are not here, a few at a time; what another pull is getting already is waited for. */
@Component
class LayerPull {
    private final EngineHome home;
    private final LayerStore layers;
    private final ConcurrentMap<Digest, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();

    LayerPull(EngineHome home, LayerStore layers) {
        this.home = home;
        this.layers = layers;
    }

    /**
     * Makes sure that all layers are here and held by the lease.
     *
     * @param blobs the compressed layers, bottom first
     * @param diffIds the layers, in the same order
     * @throws IOException if one cannot be had
     */
    void pull(Repository repository, List<Descriptor> blobs, List<Digest> diffIds, Lease lease, Progress progress)
            throws IOException {
        Map<Digest, Descriptor> missing = new LinkedHashMap<>();
        for (int i = 0; i < diffIds.size(); i++) {
            boolean here = layers.hold(diffIds.get(i), lease);
            progress.tell(JsonMessage.layer(shortId(blobs.get(i)), here ? "Already exists" : "Pulling fs layer"));
            if (!here) {
                missing.putIfAbsent(diffIds.get(i), blobs.get(i));
            }
        }
        missing.values().stream()
                .skip(SideBySide.AT_A_TIME)
                .forEach(blob -> progress.tell(JsonMessage.layer(shortId(blob), "Waiting")));
        try (SideBySide work = new SideBySide()) {
            missing.forEach((diffId, blob) -> work.submit(() -> {
                pull(repository, blob, diffId, lease, progress);
                progress.tell(JsonMessage.layer(shortId(blob), "Pull complete"));
            }));
            work.await();
        }
    }

    private static String shortId(Descriptor blob) {
        return Objects.requireNonNull(blob.digest()).shortHex();
    }

    private void pull(Repository repository, Descriptor blob, Digest diffId, Lease lease, Progress progress)
            throws IOException {
        CompletableFuture<Void> mine = new CompletableFuture<>();
        for (CompletableFuture<Void> other = underWay.putIfAbsent(diffId, mine);
                other != null;
                other = underWay.putIfAbsent(diffId, mine)) {
            other.join();
            if (layers.hold(diffId, lease)) {
                return;
            }
        }
        try {
            fetch(repository, blob, diffId, lease, progress);
        } finally {
            underWay.remove(diffId, mine);
            mine.complete(null);
        }
    }

    private void fetch(Repository repository, Descriptor blob, Digest diffId, Lease lease, Progress progress)
            throws IOException {
        String id = shortId(blob);
        Progress.Meter meter = progress.meter(id, "Downloading", blob.size());
        BlobDownload download = new BlobDownload(repository, home);
        try (TemporaryFile file =
                download.download(Objects.requireNonNull(blob.digest()), blob.size(), new Told(id, meter, progress))) {
            progress.tell(JsonMessage.layer(id, "Download complete"));
            InputStream content = progress.of(file.read(0, file.size()), id, "Extracting", file.size());
            Decompression.Plain plain = Decompression.of(content);
            layers.add(plain.stream(), diffId, plain.compressed() ? file.size() : null, lease);
        }
    }

    private record Told(String id, Progress.Meter meter, Progress progress) implements BlobDownload.Listener {
        @Override
        public void downloaded(long bytes) {
            meter.at(bytes);
        }

        @Override
        public void retrying(long seconds) {
            progress.tell(JsonMessage.layer(id, "Retrying in " + seconds + (seconds == 1 ? " second" : " seconds")));
        }

        @Override
        public void verifying() {
            progress.tell(JsonMessage.layer(id, "Verifying Checksum"));
        }
    }
}

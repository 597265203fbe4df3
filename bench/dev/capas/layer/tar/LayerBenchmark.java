package dev.capas.layer.tar;

import dev.capas.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** A layer of 1,000 files and 30 MB: its way in, its way out, and what the parts of that cost. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 10)
@Measurement(iterations = 20)
@Fork(1)
public class LayerBenchmark {
    private static final int FILES = 1000;
    private static final int LENGTH = 30_000;

    /** Where layers are extracted: the disk of the temporary directory, or memory. */
    @Param({"/dev/shm", "/var/tmp"})
    public String where;

    private byte[] tar;
    private Path directory;
    private Path kept;
    private int number;

    @Setup(Level.Trial)
    public void make() throws IOException {
        directory = Files.createTempDirectory(Path.of(where), "bench");
        tar = tar();
        kept = Files.createDirectory(directory.resolve("kept"));
        Extraction.extract(new ByteArrayInputStream(tar), kept, true);
    }

    private static byte[] tar() throws IOException {
        Random random = new Random(1);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(bytes)) {
            byte[] content = new byte[LENGTH];
            for (int file = 0; file < FILES; file++) {
                if (file % 50 == 0) {
                    out.putArchiveEntry(new TarArchiveEntry("usr/share/d" + file / 50 + "/"));
                    out.closeArchiveEntry();
                }
                random.nextBytes(content);
                TarArchiveEntry entry = new TarArchiveEntry("usr/share/d" + file / 50 + "/file-" + file + ".txt");
                entry.setSize(content.length);
                entry.setModTime(1_700_000_000_000L);
                out.putArchiveEntry(entry);
                out.write(content);
                out.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    @TearDown(Level.Trial)
    public void remove() throws IOException {
        remove(directory);
    }

    private static void remove(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Everything: parsing, digest, tree, journal. */
    @Benchmark
    public Extracted extract(Staging staging) throws IOException {
        return Extraction.extract(new ByteArrayInputStream(tar), staging.next(this), true);
    }

    /** A directory for each extraction, removed outside of the time that is taken. */
    @State(Scope.Thread)
    public static class Staging {
        private Path last;

        Path next(LayerBenchmark benchmark) throws IOException {
            last = Files.createDirectory(benchmark.directory.resolve("layer" + benchmark.number++));
            return last;
        }

        @TearDown(Level.Invocation)
        public void clean() throws IOException {
            remove(last);
        }
    }

    /** Tree and journal back to the exact tar, as save and push have it. */
    @Benchmark
    public void writeTar() throws IOException {
        Journal.writeTar(kept, OutputStream.nullOutputStream());
    }

    /** The list of files alone. */
    @Benchmark
    public void index(Blackhole hole) throws IOException {
        Journal.index(kept, hole::consume);
    }

    /** The headers, with the payloads read and thrown away. */
    @Benchmark
    public long parse() throws IOException {
        TarReader reader = new TarReader(new ByteArrayInputStream(tar));
        byte[] buffer = new byte[1 << 17];
        long bytes = 0;
        while (reader.next() != null) {
            for (int read = reader.read(buffer, 0, buffer.length);
                    read > 0;
                    read = reader.read(buffer, 0, buffer.length)) {
                bytes += read;
            }
            bytes += reader.padding().length;
        }
        return bytes;
    }

    /** SHA-256 of the whole, which no way in can do without. */
    @Benchmark
    public byte[] digest() {
        MessageDigest sha256 = Digest.sha256();
        return sha256.digest(tar);
    }
}

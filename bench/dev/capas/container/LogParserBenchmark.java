package dev.capas.container;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The log of 400,000 lines of 60 bytes, as conmon writes it, cut to entries. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class LogParserBenchmark {
    /** Whether every tenth line comes in two pieces. */
    @Param({"false", "true"})
    public boolean pieces;

    private byte[] log;

    @Setup
    public void write() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int line = 0; line < 400_000; line++) {
            String text = "line %09d %s\n".formatted(line, "x".repeat(44));
            if (pieces && line % 10 == 0) {
                record(out, line, "P", text.substring(0, 30) + "\n");
                record(out, line, "F", text.substring(30));
            } else {
                record(out, line, "F", text);
            }
        }
        log = out.toByteArray();
    }

    private static void record(ByteArrayOutputStream out, int line, String tag, String text) {
        String time = "2026-01-01T00:00:00.%09d+00:00".formatted(line);
        out.writeBytes((time + " stdout " + tag + " " + text).getBytes(StandardCharsets.UTF_8));
    }

    @Benchmark
    public long parse() throws IOException {
        long[] bytes = {0};
        new LogParser().parse(log, 0, log.length, (source, time, line, offset, length) -> {
            bytes[0] += length;
            return true;
        });
        return bytes[0];
    }
}

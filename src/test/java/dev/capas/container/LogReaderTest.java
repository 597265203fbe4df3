package dev.capas.container;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogReaderTest {
    private static final LogOptions ALL = LogOptions.all(true, true);

    @TempDir
    Path directory;

    private Path log;
    private int clock;

    @BeforeEach
    void name() {
        log = directory.resolve("log");
    }

    @Test
    void piecesOfALineAreOneEntry() throws IOException {
        write("stdout", 'P', "three");
        write("stderr", 'F', "between");
        write("stdout", 'F', "four");
        assertThat(frames(ALL)).containsExactly("2:between\n", "1:threefour\n");
    }

    @Test
    void whatNoNewlineEndsIsAnEntryOnceTheProcessHasEnded() throws IOException {
        write("stdout", 'F', "");
        write("stdout", 'F', "\r");
        write("stdout", 'P', "last");
        assertThat(frames(ALL)).containsExactly("1:\n", "1:\r\n", "1:last");
        assertThat(read(ALL, false)).doesNotContain("last");
    }

    /** dockerd 28: five characters and 40,000 more give 16,384, 16,384 and the rest. */
    @Test
    void anEntryHasNoMoreThan16KiB() throws IOException {
        String line = "five" + "x".repeat(40_000);
        for (int i = 0; i < line.length(); i += 8192) {
            int end = Math.min(line.length(), i + 8192);
            write("stdout", end == line.length() ? 'F' : 'P', line.substring(i, end));
        }
        assertThat(frames(ALL).stream().map(frame -> frame.length() - 2)).containsExactly(16_384, 16_384, 7_237);
        assertThat(String.join("", frames(ALL)).replace("1:", "")).isEqualTo(line + "\n");
    }

    @Test
    void everyByteIsKept() throws IOException {
        StringBuilder bytes = new StringBuilder();
        for (char c = 0; c < 256; c++) {
            bytes.append(c == '\n' ? "" : c);
        }
        write("stdout", 'F', bytes.toString());
        assertThat(frames(ALL)).containsExactly("1:" + bytes + "\n");
    }

    @Test
    void timesAreInUtcWithNineDigits() throws IOException {
        Files.writeString(log, "2026-11-24T10:09:57.000506359+01:00 stdout F one\n");
        LogOptions options = new LogOptions(true, true, null, null, -1, true, false, false);
        assertThat(frames(options)).containsExactly("1:2026-11-24T09:09:57.000506359Z one\n");
    }

    @Test
    void sinceAndUntilIncludeTheirOwnNanosecond() throws IOException {
        for (int i = 0; i < 5; i++) {
            write("stdout", 'F', "line " + i);
        }
        Instant second = Instant.parse("2026-11-24T09:00:00.000000002Z");
        assertThat(frames(new LogOptions(true, true, second, null, -1, false, false, false)))
                .containsExactly("1:line 2\n", "1:line 3\n", "1:line 4\n");
        assertThat(frames(new LogOptions(true, true, null, second, -1, false, false, false)))
                .containsExactly("1:line 0\n", "1:line 1\n", "1:line 2\n");
    }

    /** dockerd 28: of the last three entries none is standard error, so nothing comes. */
    @Test
    void theTailCountsBothStreams() throws IOException {
        write("stderr", 'F', "error");
        for (int i = 0; i < 3; i++) {
            write("stdout", 'F', "line " + i);
        }
        assertThat(frames(new LogOptions(false, true, null, null, 3, false, false, false)))
                .isEmpty();
        assertThat(frames(new LogOptions(false, true, null, null, 4, false, false, false)))
                .containsExactly("2:error\n");
    }

    @Test
    void aRecordThatACrashCutShortIsLeftOut() throws IOException {
        write("stdout", 'F', "before");
        Files.writeString(log, "2026-11-24T09:0\n\n", StandardOpenOption.APPEND);
        write("stdout", 'F', "after");
        assertThat(frames(ALL)).containsExactly("1:before\n", "1:after\n");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void anyTailOfAnyLogIsTheEndOfAll(long seed) throws IOException {
        Random random = new Random(seed);
        StringBuilder records = new StringBuilder();
        for (int i = 0; i < 60_000; i++) {
            String stream = random.nextInt(10) == 0 ? "stderr" : "stdout";
            int length = random.nextInt(200) == 0 ? random.nextInt(40_000) : random.nextInt(40);
            String line = ("line " + i + " ").repeat(length / 10 + 1);
            int at = 0;
            while (line.length() - at > 8192) {
                records.append(record(stream, 'P', line.substring(at, at + 8192)));
                at += 8192;
            }
            records.append(record(stream, 'F', line.substring(at)));
            if (i == 20_000 || i == 40_000) {
                Files.writeString(LogFiles.rotated(log, i == 20_000 ? 2 : 1), records, ISO_8859_1);
                records.setLength(0);
            }
        }
        Files.writeString(log, records, ISO_8859_1);
        List<String> all = frames(ALL);
        assertThat(all).hasSizeGreaterThan(60_000);
        for (int tail : new int[] {0, 1, 2, 100, 5_000, random.nextInt(60_000), all.size() - 1, all.size(), 100_000}) {
            List<String> last = frames(new LogOptions(true, true, null, null, tail, false, false, false));
            assertThat(last).isEqualTo(all.subList(Math.max(0, all.size() - tail), all.size()));
        }
    }

    @Test
    void aReaderGoesOnThroughRotations() throws IOException {
        write("stdout", 'F', "one");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogWriter writer = new LogWriter(ALL, false, null, out);
        try (LogReader reader = new LogReader(log, writer)) {
            reader.read();
            write("stdout", 'P', "two ");
            rotate();
            reader.read();
            write("stdout", 'F', "three");
            rotate();
            write("stdout", 'F', "four");
            rotate();
            write("stdout", 'F', "five");
            reader.read();
            write("stdout", 'F', "six");
            reader.read();
            writer.flush();
        }
        assertThat(out.toString(ISO_8859_1)).isEqualTo("one\ntwo three\nfour\nfive\nsix\n");
    }

    @Test
    void withoutALogThereIsNothing() throws IOException {
        assertThat(frames(ALL)).isEmpty();
        assertThat(frames(new LogOptions(true, true, null, null, 10, false, false, false)))
                .isEmpty();
    }

    private void rotate() throws IOException {
        for (int age = 3; age > 0; age--) {
            if (Files.exists(LogFiles.rotated(log, age - 1))) {
                Files.move(LogFiles.rotated(log, age - 1), LogFiles.rotated(log, age));
            }
        }
    }

    private void write(String stream, char tag, String text) throws IOException {
        Files.writeString(
                log, record(stream, tag, text), ISO_8859_1, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private String record(String stream, char tag, String text) {
        return "2026-11-24T09:00:00.%09d+00:00 %s %c %s\n".formatted(clock++, stream, tag, text);
    }

    private List<String> frames(LogOptions options) throws IOException {
        String all = read(options, true);
        List<String> frames = new ArrayList<>();
        for (int i = 0; i < all.length(); ) {
            int length = (all.charAt(i + 5) << 16) + (all.charAt(i + 6) << 8) + all.charAt(i + 7);
            frames.add((int) all.charAt(i) + ":" + all.substring(i + 8, i + 8 + length));
            i += 8 + length;
        }
        return frames;
    }

    private String read(LogOptions options, boolean ended) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LogWriter writer = new LogWriter(options, true, null, out);
        try (LogReader reader = new LogReader(log, writer)) {
            if (options.tail() >= 0) {
                reader.tail(options.tail());
            }
            if (reader.read() && ended) {
                reader.end();
            }
            writer.flush();
        }
        return out.toString(ISO_8859_1);
    }
}

package dev.capas.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A program on a pseudo-terminal, which util-linux's {@code script} makes, and a user who reads and types. */
public final class Terminal implements AutoCloseable {
    private static final long LIMIT_SECONDS = 60;

    private final Process script;
    private final OutputStream keyboard;
    private final StringBuilder screen = new StringBuilder();
    private int seen;

    private Terminal(Process script) {
        this.script = script;
        this.keyboard = script.getOutputStream();
        Thread.ofVirtual().start(this::watch);
    }

    static Terminal start(List<String> command, Map<String, String> environment) throws IOException {
        String line = command.stream()
                .map(word -> "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
        ProcessBuilder builder =
                new ProcessBuilder("script", "-qefc", "stty rows 33 cols 99; exec " + line, "/dev/null");
        builder.environment().putAll(environment);
        return new Terminal(builder.redirectErrorStream(true).start());
    }

    /** Types these characters as they are; a line ends with {@code \r}. */
    public Terminal type(String characters) throws IOException {
        keyboard.write(characters.getBytes(StandardCharsets.UTF_8));
        keyboard.flush();
        return this;
    }

    /** Waits until the text appears after what was last waited for, and returns all that came up to it. */
    public String expect(String text) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        synchronized (screen) {
            while (true) {
                int at = screen.indexOf(text, seen);
                if (at >= 0) {
                    String passed = screen.substring(seen, at + text.length());
                    seen = at + text.length();
                    return passed;
                }
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0 || !script.isAlive() && screen.length() == seen) {
                    throw new AssertionError("no \"" + text + "\" on the screen:\n" + screen);
                }
                screen.wait(Math.min(left, 100));
            }
        }
    }

    /** Waits for the end of the program and returns its exit code. */
    public int exitCode() throws InterruptedException {
        if (!script.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running:\n" + screen());
        }
        return script.exitValue();
    }

    /** All that was printed so far. */
    public String screen() {
        synchronized (screen) {
            return screen.toString();
        }
    }

    @Override
    public void close() {
        script.destroyForcibly();
    }

    private void watch() {
        byte[] buffer = new byte[4096];
        try (InputStream in = script.getInputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                synchronized (screen) {
                    screen.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                    screen.notifyAll();
                }
            }
        } catch (IOException e) {
            synchronized (screen) {
                screen.append("[").append(e.getMessage()).append("]");
            }
        }
    }
}

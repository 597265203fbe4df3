package dev.capas.runtime;

import dev.capas.linux.Errno;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Poller;
import dev.capas.linux.Terminals;
import dev.capas.linux.UnixSocket;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The hub of one container or exec: what it reads, from conmon's attach socket or from pipes, goes to every listener. */
final class Streams implements StreamHub {
    private static final int PACKET = 32 << 10;
    private static final int CONMON_STDERR = 3;

    private final Poller poller;
    private final Path spillDirectory;
    private final boolean stdinEnds;
    private final StandardInput input = new StandardInput();
    private final List<ChunkQueue> listeners = new ArrayList<>();
    private final List<Fd> open = new ArrayList<>();
    private final byte[] buffer = new byte[PACKET + 1];
    private Terminals.@Nullable Size size;
    private @Nullable Fd terminal;
    private @Nullable Runnable ended;

    /**
     * A hub without a process.
     *
     * @param stdinEnds whether the end of standard input reaches the process; a terminal has none
     */
    Streams(Poller poller, Path spillDirectory, boolean stdinEnds) {
        this.poller = poller;
        this.spillDirectory = spillDirectory;
        this.stdinEnds = stdinEnds;
    }

    /** Takes over the connection to conmon's attach socket; the action runs once it has ended. */
    synchronized void connect(Fd socket, boolean withInput, Runnable whenEnded) {
        ended = whenEnded;
        listenTo(socket, this::fromConmon);
        if (withInput) {
            input.begin(new StandardInput.Sink() {
                @Override
                public void write(byte[] bytes) throws IOException {
                    for (int at = 0; at < bytes.length; at += PACKET) {
                        UnixSocket.send(socket, bytes, at, Math.min(PACKET, bytes.length - at));
                    }
                }

                @Override
                public void end() throws IOException {
                    if (stdinEnds) {
                        UnixSocket.shutdownWrite(socket);
                    }
                }
            });
        }
    }

    /** Takes over pipes, or the one descriptor of a terminal as both output and input; the action runs once all have ended. */
    synchronized void connect(@Nullable Fd stdin, Fd stdout, @Nullable Fd stderr, Runnable whenEnded) {
        ended = whenEnded;
        listenTo(stdout, fd -> fromPipe(fd, Source.STDOUT));
        if (stderr != null) {
            listenTo(stderr, fd -> fromPipe(fd, Source.STDERR));
        }
        if (stdin != null) {
            input.begin(new StandardInput.Sink() {
                @Override
                public void write(byte[] bytes) throws IOException {
                    stdin.writeAll(bytes, 0, bytes.length);
                }

                @Override
                public void end() {
                    if (stdinEnds) {
                        stdin.close();
                    }
                }
            });
        }
    }

    /** The terminal that there is now: gets the size that was asked for before. */
    synchronized void terminal(Fd slaveOrMaster) throws LinuxException {
        terminal = slaveOrMaster;
        if (size != null) {
            Terminals.resize(slaveOrMaster, size);
        }
    }

    /** Gives a message of the engine to those who listen, as if the process had printed it. */
    synchronized void say(Source source, String message) {
        publish(new Chunk(source, message.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    /** Ends the run that there is now, although something may still hold a pipe. */
    void finish() {
        Runnable action;
        synchronized (this) {
            for (Fd fd : open) {
                poller.remove(fd);
                fd.close();
            }
            open.clear();
            listeners.forEach(ChunkQueue::end);
            listeners.clear();
            if (terminal != null) {
                terminal.close();
                terminal = null;
            }
            action = ended;
            ended = null;
        }
        input.reset();
        if (action != null) {
            action.run();
        }
    }

    @Override
    public synchronized Subscription subscribe(boolean stdout, boolean stderr) {
        ChunkQueue queue = new ChunkQueue(stdout, stderr, spillDirectory);
        listeners.add(queue);
        return queue;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        input.write(Arrays.copyOfRange(bytes, offset, offset + length));
    }

    @Override
    public void closeStdin() {
        if (stdinEnds) {
            input.end();
        }
    }

    @Override
    public synchronized void resize(int rows, int columns) throws IOException {
        size = new Terminals.Size(rows, columns);
        if (terminal != null) {
            Terminals.resize(terminal, size);
        }
    }

    @Override
    public void close() {
        finish();
    }

    private interface Reader {
        boolean read(Fd fd) throws LinuxException;
    }

    private void listenTo(Fd fd, Reader reader) {
        open.add(fd);
        poller.watch(fd, () -> readable(fd, reader));
    }

    private void readable(Fd fd, Reader reader) {
        boolean more;
        boolean last;
        synchronized (this) {
            if (!open.contains(fd)) {
                return;
            }
            try {
                more = reader.read(fd);
            } catch (LinuxException e) {
                more = e.errno() == Errno.EAGAIN || e.errno() == Errno.EINTR;
            }
            if (!more) {
                open.remove(fd);
                poller.remove(fd);
                fd.close();
            }
            last = open.isEmpty();
        }
        if (last) {
            finish();
        }
    }

    private boolean fromConmon(Fd socket) throws LinuxException {
        int n = socket.read(buffer, 0, buffer.length);
        if (n < 0) {
            return false;
        }
        if (n > 1) {
            Source source = buffer[0] == CONMON_STDERR ? Source.STDERR : Source.STDOUT;
            publish(new Chunk(source, Arrays.copyOfRange(buffer, 1, n)));
        }
        return true;
    }

    private boolean fromPipe(Fd pipe, Source source) throws LinuxException {
        int n = pipe.read(buffer, 0, PACKET);
        if (n > 0) {
            publish(new Chunk(source, Arrays.copyOf(buffer, n)));
        }
        return n >= 0;
    }

    private void publish(Chunk chunk) {
        listeners.removeIf(listener -> !listener.put(chunk));
    }
}

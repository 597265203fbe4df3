package dev.capas.runtime;

import dev.capas.home.EngineHome;
import dev.capas.linux.Errno;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Poller;
import dev.capas.linux.Terminals;
import dev.capas.linux.UnixSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The hub of one container or exec: what it reads, from conmon's attach socket or from pipes, goes to every listener. */
final class Streams implements StreamHub {
    private static final int PACKET = 32 << 10;
    private static final byte[] NO_BUFFER = {};
    private static final int CONMON_STDERR = 3;

    private final Poller poller;
    private final EngineHome home;
    private final boolean stdinEnds;
    private final List<Listener> listeners = new ArrayList<>();
    private final List<Fd> open = new ArrayList<>();
    /** Only while something is read: thousands of containers do not run. */
    private byte[] buffer = NO_BUFFER;

    private StandardInput input;
    private Terminals.@Nullable Size size;
    private @Nullable Fd terminal;
    private @Nullable Runnable ended;

    /**
     * A hub without a process.
     *
     * @param stdinEnds whether the end of standard input reaches the process; a terminal has none
     */
    Streams(Poller poller, EngineHome home, boolean stdinEnds) {
        this.poller = poller;
        this.home = home;
        this.stdinEnds = stdinEnds;
        this.input = new StandardInput(stdinEnds);
    }

    /** Takes over the connection to conmon's attach socket; the action runs once it has ended. */
    synchronized void connect(Fd socket, boolean withInput, Runnable whenEnded) throws LinuxException {
        ended = whenEnded;
        if (withInput) {
            input.begin(new AttachSocket(socket.duplicate()));
        }
        listenTo(socket, this::fromConmon);
    }

    /**
     * Takes over pipes, or descriptors of a terminal; the action runs once all that give output have ended.
     *
     * @param stdin where input goes, closed at its end; null where it goes nowhere
     */
    synchronized void connect(@Nullable Fd stdin, Fd stdout, @Nullable Fd stderr, Runnable whenEnded) {
        ended = whenEnded;
        if (stdin != null) {
            input.begin(new Pipe(stdin));
        }
        listenTo(stdout, fd -> fromPipe(fd, Source.STDOUT));
        if (stderr != null) {
            listenTo(stderr, fd -> fromPipe(fd, Source.STDERR));
        }
    }

    private record AttachSocket(Fd socket) implements StandardInput.Sink {
        @Override
        public void write(byte[] bytes) throws IOException {
            for (int at = 0; at < bytes.length; at += PACKET) {
                UnixSocket.send(socket, bytes, at, Math.min(PACKET, bytes.length - at));
            }
        }

        @Override
        public void end() throws IOException {
            UnixSocket.shutdownWrite(socket);
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    private record Pipe(Fd fd) implements StandardInput.Sink {
        @Override
        public void write(byte[] bytes) throws IOException {
            fd.writeAll(bytes, 0, bytes.length);
        }

        @Override
        public void end() {
            fd.close();
        }

        @Override
        public void close() {
            fd.close();
        }
    }

    /** The terminal that there is now: gets the size that was asked for before. */
    synchronized void terminal(Fd slaveOrMaster) throws LinuxException {
        terminal = slaveOrMaster;
        if (size != null) {
            Terminals.resize(slaveOrMaster, size);
        }
    }

    /** Ends the run that there is now, although something may still hold a pipe; does nothing where it has ended. */
    void finish() {
        Runnable action;
        synchronized (this) {
            action = ended;
            if (action == null) {
                return;
            }
            ended = null;
            end();
        }
        action.run();
    }

    private synchronized void end() {
        for (Fd fd : open) {
            poller.remove(fd);
            fd.close();
        }
        open.clear();
        listeners.forEach(Listener::end);
        listeners.clear();
        if (terminal != null) {
            terminal.close();
            terminal = null;
        }
        input.abandon();
        input = new StandardInput(stdinEnds);
    }

    @Override
    public synchronized Subscription subscribe(boolean stdout, boolean stderr) {
        ChunkQueue queue = new ChunkQueue(stdout, stderr, home, this::unsubscribe);
        listeners.add(queue);
        return queue;
    }

    @Override
    public synchronized Bell bell() {
        OutputBell bell = new OutputBell(this::unsubscribe);
        listeners.add(bell);
        return bell;
    }

    private synchronized void unsubscribe(Listener listener) {
        listeners.remove(listener);
    }

    @Override
    public synchronized Input input() {
        return input;
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
        end();
    }

    private interface Reader {
        boolean read(Fd fd) throws LinuxException;
    }

    private void listenTo(Fd fd, Reader reader) {
        if (open.isEmpty()) {
            buffer = new byte[PACKET + 1];
        }
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
            if (last) {
                buffer = NO_BUFFER;
            }
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

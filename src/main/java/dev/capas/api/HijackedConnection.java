package dev.capas.api;

import dev.capas.container.ClientConnection;
import jakarta.servlet.http.WebConnection;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.AbstractEndpoint.Handler.SocketState;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SSLSupport;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that Tomcat has handed over with its socket. Unlike a servlet's upgrade handler it sees the end of the client's
 * direction alone, and goes on writing after it. Reads and writes block the calling thread; one of each at a time.
 */
final class HijackedConnection implements InternalHttpUpgradeHandler, ClientConnection {
    private static final Logger log = LoggerFactory.getLogger(HijackedConnection.class);

    private final byte[] head;
    private final Consumer<ClientConnection> session;
    private final HangUps hangUps;
    private final InputStream input = new Input();
    private final OutputStream output = new Output();
    private final AtomicBoolean closing = new AtomicBoolean();

    /** The session, and each read or write under way: Tomcat uses the channel again once it is closed, so the last one closes it. */
    private final AtomicInteger users = new AtomicInteger(1);

    private @Nullable SocketWrapperBase<?> socket;
    private HangUps.@Nullable Watch watch;

    HijackedConnection(byte[] head, Consumer<ClientConnection> session, HangUps hangUps) {
        this.head = head;
        this.session = session;
        this.hangUps = hangUps;
    }

    @Override
    public InputStream input() {
        return input;
    }

    @Override
    public OutputStream output() {
        return output;
    }

    @Override
    public void whenLeft(Runnable left) {
        try {
            watch = hangUps.watch(Listening.channel(socket()), HangUps.Sign.CLOSED, left);
        } catch (IOException e) {
            log.debug("The client left", e);
            left.run();
        }
    }

    @Override
    public void close() {
        if (!closing.compareAndSet(false, true)) {
            return;
        }
        if (watch != null) {
            watch.close();
        }
        try {
            SocketChannel channel = ((NioChannel) socket().getSocket()).getIOChannel();
            if (channel != null) { // a stop of the server takes it away
                channel.shutdownInput();
            }
        } catch (IOException e) {
            log.debug("The client was gone already", e);
        } finally {
            leave();
        }
    }

    @Override
    public void init(WebConnection connection) {
        Thread.ofVirtual().name("hijacked").start(this::serve);
    }

    private void serve() {
        try {
            output.write(head);
            session.accept(this);
        } catch (IOException e) {
            log.debug("The client left", e);
        } catch (RuntimeException e) {
            log.error("A hijacked connection failed", e);
        } finally {
            close();
        }
    }

    private SocketWrapperBase<?> socket() {
        return Objects.requireNonNull(socket);
    }

    private boolean enter() {
        return users.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
    }

    private void leave() {
        if (users.decrementAndGet() == 0) {
            socket().close();
        }
    }

    @Override
    public void setSocketWrapper(SocketWrapperBase<?> wrapper) {
        socket = wrapper;
    }

    /** The session does all input and output: Tomcat's poller must not. */
    @Override
    public boolean hasAsyncIO() {
        return true;
    }

    @Override
    public SocketState upgradeDispatch(SocketEvent status) {
        return status == SocketEvent.STOP || status == SocketEvent.ERROR ? SocketState.CLOSED : SocketState.ASYNC_IO;
    }

    @Override
    public void timeoutAsync(long now) {
        // a silent connection stays as long as its client wants it
    }

    @Override
    public void setSslSupport(SSLSupport sslSupport) {
        // the client was authenticated when it sent its request
    }

    @Override
    public void pause() {
        // the session ends with its process or its client
    }

    @Override
    public void destroy() {
        // closed by the session
    }

    private final class Input extends InputStream {
        private boolean ended;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (ended || closing.get() || !enter()) {
                return -1;
            }
            try {
                return socket().read(true, bytes, offset, length);
            } catch (EOFException | ClosedChannelException e) {
                ended = true;
                return -1;
            } finally {
                leave();
            }
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (closing.get() || !enter()) {
                throw new ClosedChannelException();
            }
            try {
                socket().write(true, bytes, offset, length);
                socket().flush(true);
            } finally {
                leave();
            }
        }
    }
}

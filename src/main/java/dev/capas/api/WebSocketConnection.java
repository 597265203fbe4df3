package dev.capas.api;

import dev.capas.container.ClientConnection;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.CloseReason;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A client that attached through a websocket: messages of either kind are what it types, and binary ones what it is shown. */
final class WebSocketConnection extends Endpoint implements ClientConnection {
    private static final Logger log = LoggerFactory.getLogger(WebSocketConnection.class);
    private static final byte[] END = {};

    private final Consumer<ClientConnection> session;
    private final Input input = new Input();
    private final Output output = new Output();
    private final CompletableFuture<Void> left = new CompletableFuture<>();
    private @Nullable Session websocket;

    private WebSocketConnection(Consumer<ClientConnection> session) {
        this.session = session;
    }

    /** Answers the handshake and runs the session on a virtual thread of its own. */
    static void accept(HttpServletRequest request, HttpServletResponse response, Consumer<ClientConnection> session)
            throws IOException, ServletException {
        WebSocketConnection connection = new WebSocketConnection(session);
        ServerEndpointConfig config = ServerEndpointConfig.Builder.create(WebSocketConnection.class, "/")
                .configurator(new ServerEndpointConfig.Configurator() {
                    @Override
                    public <T> T getEndpointInstance(Class<T> type) {
                        return type.cast(connection);
                    }
                })
                .build();
        try {
            ((ServerContainer) request.getServletContext().getAttribute(ServerContainer.class.getName()))
                    .upgradeHttpToWebSocket(new OverHttp(request), response, config, Map.of());
        } catch (DeploymentException e) {
            throw new ServletException(e);
        }
    }

    /** Tomcat knows the websockets of http and https, and none of a Unix socket. */
    private static final class OverHttp extends HttpServletRequestWrapper {
        OverHttp(HttpServletRequest request) {
            super(request);
        }

        @Override
        public String getScheme() {
            return isSecure() ? "https" : "http";
        }
    }

    @Override
    public void onOpen(Session opened, EndpointConfig config) {
        websocket = opened;
        opened.setMaxIdleTimeout(0);
        opened.addMessageHandler(new MessageHandler.Partial<ByteBuffer>() {
            @Override
            public void onMessage(ByteBuffer part, boolean last) {
                byte[] bytes = new byte[part.remaining()];
                part.get(bytes);
                input.give(bytes);
            }
        });
        opened.addMessageHandler(new MessageHandler.Partial<String>() {
            @Override
            public void onMessage(String part, boolean last) {
                input.give(part.getBytes(StandardCharsets.UTF_8));
            }
        });
        Thread.ofVirtual().name("websocket").start(() -> {
            try {
                session.accept(this);
            } finally {
                close();
            }
        });
    }

    @Override
    public void onClose(Session closed, CloseReason reason) {
        input.end();
        left.complete(null);
    }

    @Override
    public void onError(Session failed, Throwable failure) {
        log.debug("The websocket failed", failure);
        input.end();
        left.complete(null);
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
    public void whenLeft(Runnable action) {
        left.thenRun(action);
    }

    @Override
    public void close() {
        input.end();
        try {
            websocket().close();
        } catch (IOException e) {
            log.debug("The client was gone already", e);
        }
    }

    private Session websocket() {
        return Objects.requireNonNull(websocket);
    }

    /** Hands messages from Tomcat's threads to the session; a session that does not read holds the client up. */
    private static final class Input extends InputStream {
        private final BlockingQueue<byte[]> messages = new ArrayBlockingQueue<>(16);
        private ByteBuffer message = ByteBuffer.allocate(0);
        private boolean ended;

        void give(byte[] bytes) {
            try {
                if (bytes.length > 0) {
                    messages.put(bytes);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** What was given before is still read; where nobody reads any more it makes room for the end. */
        void end() {
            while (!messages.offer(END)) {
                messages.poll();
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                while (!ended && !message.hasRemaining()) {
                    byte[] next = messages.take();
                    ended = next == END;
                    message = ByteBuffer.wrap(next);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException();
            }
            if (ended) {
                return -1;
            }
            int read = Math.min(length, message.remaining());
            message.get(bytes, offset, read);
            return read;
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            websocket().getBasicRemote().sendBinary(ByteBuffer.wrap(bytes, offset, length));
        }
    }
}

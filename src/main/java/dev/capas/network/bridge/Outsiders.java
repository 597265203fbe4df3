package dev.capas.network.bridge;

import dev.capas.network.bridge.Resolving.Server;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * The DNS servers outside, asked one after the other. A message goes to them as it came, and their answer comes back as it is, each by the
 * transport that the container chose.
 */
final class Outsiders implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 4000;
    private static final int LARGEST = 65535;
    private static final int HEADER = 12;

    private final NetworkNamespace namespace;
    private @Nullable ExecutorService inside;

    /** Asks nobody yet. */
    Outsiders(NetworkNamespace namespace) {
        this.namespace = namespace;
    }

    /** The first answer that one of them gives, or null. */
    byte @Nullable [] ask(List<Server> servers, byte[] query, boolean stream) {
        for (Server server : servers) {
            try {
                return stream ? byStream(server, query) : byDatagram(server, query);
            } catch (IOException e) {
                // the next one may do better
            }
        }
        return null;
    }

    private byte[] byDatagram(Server server, byte[] query) throws IOException {
        InetSocketAddress address = server.address();
        try (DatagramChannel channel = open(server, () -> DatagramChannel.open(family(address)))) {
            channel.connect(address);
            channel.socket().setSoTimeout(TIMEOUT_MILLIS);
            channel.socket().send(new DatagramPacket(query, query.length, address));
            DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
            long end = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000L;
            do {
                packet.setLength(LARGEST);
                channel.socket().receive(packet);
                byte[] said = java.util.Arrays.copyOf(packet.getData(), packet.getLength());
                if (isAnswer(query, said)) {
                    return said;
                }
            } while (System.nanoTime() < end);
            throw new IOException("no answer of " + address);
        }
    }

    private byte[] byStream(Server server, byte[] query) throws IOException {
        try (SocketChannel channel = open(server, () -> SocketChannel.open(family(server.address())))) {
            channel.socket().connect(server.address(), TIMEOUT_MILLIS);
            channel.socket().setSoTimeout(TIMEOUT_MILLIS);
            DataOutputStream out = new DataOutputStream(channel.socket().getOutputStream());
            byte[] message = new byte[query.length + 2];
            message[0] = (byte) (query.length >> 8);
            message[1] = (byte) query.length;
            System.arraycopy(query, 0, message, 2, query.length);
            out.write(message);
            DataInputStream in = new DataInputStream(channel.socket().getInputStream());
            byte[] said = new byte[in.readUnsignedShort()];
            in.readFully(said);
            if (!isAnswer(query, said)) {
                throw new IOException("no answer of " + server.address());
            }
            return said;
        }
    }

    private static boolean isAnswer(byte[] query, byte[] said) {
        return said.length >= HEADER && said[0] == query[0] && said[1] == query[1] && said[2] < 0;
    }

    private static StandardProtocolFamily family(InetSocketAddress address) {
        return address.getAddress() instanceof Inet6Address
                ? StandardProtocolFamily.INET6
                : StandardProtocolFamily.INET;
    }

    /** A socket is where the thread is that makes it. */
    private <T> T open(Server server, NetworkNamespace.Work<T> socket) throws IOException {
        if (server.fromHost()) {
            return socket.now();
        }
        return Waiting.on(CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return socket.now();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                inside()));
    }

    private synchronized ExecutorService inside() throws IOException {
        if (inside == null) {
            ExecutorService made = Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("resolver").factory());
            Waiting.on(CompletableFuture.runAsync(
                    () -> {
                        try {
                            namespace.enter();
                        } catch (IOException e) {
                            throw new CompletionException(e);
                        }
                    },
                    made));
            inside = made;
        }
        return inside;
    }

    @Override
    public synchronized void close() {
        if (inside != null) {
            inside.shutdown();
        }
    }
}

package dev.capas.network.bridge;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * The DNS server of one container, at {@code 127.0.0.11}. It listens on ports of the kernel's choice, to which port 53 is translated
 * within the container's network namespace: a DNS server of the container's own can have port 53.
 */
final class Resolver implements AutoCloseable {
    private static final byte[] ADDRESS = {127, 0, 0, 11};
    private static final int LARGEST_DATAGRAM = 4096;
    private static final int MOST_QUESTIONS = 1024;
    private static final int MOST_CONNECTIONS = 128;
    private static final int IDLE_MILLIS = 20_000;
    private static final System.Logger LOG = System.getLogger(Resolver.class.getName());

    private final DatagramChannel datagrams;
    private final ServerSocketChannel acceptor;
    private final Outsiders outsiders;
    private final Answers answers = new Answers();
    private final Semaphore questions = new Semaphore(MOST_QUESTIONS);
    private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();
    private volatile Resolving resolving;

    private Resolver(
            DatagramChannel datagrams, ServerSocketChannel acceptor, Outsiders outsiders, Resolving resolving) {
        this.datagrams = datagrams;
        this.acceptor = acceptor;
        this.outsiders = outsiders;
        this.resolving = resolving;
    }

    /** Answers from now on within the namespace, in place of one of an earlier daemon. */
    static Resolver start(NetworkNamespace namespace, Program nft, Resolving resolving) throws IOException {
        Resolver resolver = namespace.call(() -> {
            InetSocketAddress any = new InetSocketAddress(InetAddress.getByAddress(ADDRESS), 0);
            DatagramChannel datagrams = DatagramChannel.open(StandardProtocolFamily.INET);
            ServerSocketChannel acceptor = ServerSocketChannel.open(StandardProtocolFamily.INET);
            Resolver made = new Resolver(datagrams, acceptor, new Outsiders(namespace), resolving);
            try {
                datagrams.bind(any);
                acceptor.bind(any);
                nft.run(
                        List.of("-f", "-"),
                        rules(
                                datagrams.socket().getLocalPort(),
                                acceptor.socket().getLocalPort()));
                return made;
            } catch (IOException e) {
                made.close();
                throw e;
            }
        });
        Thread.ofVirtual().name("resolver").start(resolver::receive);
        Thread.ofVirtual().name("resolver").start(resolver::accept);
        return resolver;
    }

    /** What leads to it, in place of what led to one before it. */
    static String rules(int udp, int tcp) {
        return """
                table ip capas
                delete table ip capas
                table ip capas {
                \tchain names {
                \t\ttype nat hook output priority -100; policy accept;
                \t\tip daddr 127.0.0.11 udp dport 53 dnat to 127.0.0.11:%d
                \t\tip daddr 127.0.0.11 tcp dport 53 dnat to 127.0.0.11:%d
                \t}
                }
                """.formatted(udp, tcp);
    }

    /** Answers in another way from now on. */
    void change(Resolving other) {
        resolving = other;
    }

    private byte[] answer(byte[] query, boolean stream) {
        Resolving now = resolving;
        try {
            byte[] answer = answers.answer(
                    query, stream, now.names(), (asked, how) -> outsiders.ask(now.servers(), asked, how));
            return answer == null ? new byte[0] : answer;
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "a DNS message could not be answered", e);
            return new byte[0];
        }
    }

    private void receive() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(LARGEST_DATAGRAM);
        while (datagrams.isOpen()) {
            try {
                SocketAddress client = datagrams.receive(buffer.clear());
                byte[] query = new byte[buffer.flip().remaining()];
                buffer.get(query);
                if (client != null && questions.tryAcquire()) {
                    Thread.ofVirtual().name("question").start(() -> reply(client, query));
                }
            } catch (IOException e) {
                Waiting.aMoment();
            }
        }
    }

    private void reply(SocketAddress client, byte[] query) {
        try {
            byte[] answer = answer(query, false);
            if (answer.length > 0) {
                datagrams.send(ByteBuffer.wrap(answer), client);
            }
        } catch (IOException e) {
            // the container is gone, or has closed the socket that it asked from
        } finally {
            questions.release();
        }
    }

    private void accept() {
        while (acceptor.isOpen()) {
            try {
                SocketChannel client = acceptor.accept();
                if (connections.size() < MOST_CONNECTIONS) {
                    connections.add(client);
                    Thread.ofVirtual().name("question").start(() -> serve(client));
                } else {
                    client.close();
                }
            } catch (IOException e) {
                Waiting.aMoment();
            }
        }
    }

    /** Each message has its length before it, in two bytes. */
    private void serve(SocketChannel client) {
        try (client) {
            client.socket().setSoTimeout(IDLE_MILLIS);
            DataInputStream in = new DataInputStream(client.socket().getInputStream());
            while (true) {
                byte[] query = new byte[in.readUnsignedShort()];
                in.readFully(query);
                byte[] answer = answer(query, true);
                if (answer.length == 0) {
                    return;
                }
                ByteBuffer message = ByteBuffer.allocate(answer.length + 2)
                        .putShort((short) answer.length)
                        .put(answer)
                        .flip();
                while (message.hasRemaining()) {
                    client.write(message);
                }
            }
        } catch (IOException e) {
            // it has asked all that it wanted, or nothing for a while
        } finally {
            connections.remove(client);
        }
    }

    @Override
    public void close() {
        outsiders.close();
        try {
            datagrams.close();
            acceptor.close();
            for (SocketChannel connection : connections) {
                connection.close();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "a socket of a resolver cannot be closed", e);
        }
    }
}

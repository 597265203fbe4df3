package dev.capas.network.bridge;

import dev.capas.linux.Fd;
import dev.capas.linux.InetSocket;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Carries what the kernel cannot translate from a published port of IPv6 to a container: what comes from {@code ::1}, and all of it where
 * the container has no address of IPv6.
 */
final class Relay implements AutoCloseable {
    private static final int BUFFER = 64 << 10;
    private static final int IDLE_MILLIS = 90_000;
    private static final int MOST_CLIENTS = 1000;

    private final InetSocketAddress target;
    private final Channel entrance;
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();
    private final Map<SocketAddress, DatagramChannel> clients = new ConcurrentHashMap<>();

    private Relay(InetSocketAddress target, Channel entrance) {
        this.target = target;
        this.entrance = entrance;
    }

    /** Begins to carry what comes to a socket of this protocol. */
    static Relay start(Fd socket, Protocol protocol, InetSocketAddress target) throws IOException {
        if (protocol == Protocol.TCP) {
            ServerSocketChannel acceptor = InetSocket.acceptor(socket);
            Relay relay = new Relay(target, acceptor);
            Thread.ofVirtual().name("relay").start(() -> relay.accept(acceptor));
            return relay;
        }
        DatagramChannel datagrams = InetSocket.datagramChannel(socket);
        Relay relay = new Relay(target, datagrams);
        Thread.ofVirtual().name("relay").start(() -> relay.receive(datagrams));
        return relay;
    }

    private void accept(ServerSocketChannel acceptor) {
        while (acceptor.isOpen()) {
            try {
                SocketChannel client = acceptor.accept();
                open.add(client);
                Thread.ofVirtual().name("relay").start(() -> connect(client));
            } catch (IOException e) {
                Waiting.aMoment();
            }
        }
    }

    private void connect(SocketChannel client) {
        try (client;
                SocketChannel server = SocketChannel.open()) {
            open.add(server);
            server.connect(target);
            Thread back = Thread.ofVirtual().name("relay").start(() -> copy(server, client));
            copy(client, server);
            back.join();
            open.remove(server);
        } catch (IOException e) {
            // nobody listens there, or one of both is gone: the client sees the end of its connection
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
        }
    }

    private static void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        try {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
            to.shutdownOutput();
        } catch (IOException e) {
            closeQuietly(from);
            closeQuietly(to);
        }
    }

    private void receive(DatagramChannel datagrams) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        while (datagrams.isOpen()) {
            try {
                SocketAddress client = datagrams.receive(buffer.clear());
                DatagramChannel session = session(datagrams, client);
                if (session != null) {
                    session.write(buffer.flip());
                }
            } catch (IOException e) {
                Waiting.aMoment();
            }
        }
    }

    private @org.jspecify.annotations.Nullable DatagramChannel session(DatagramChannel datagrams, SocketAddress client)
            throws IOException {
        DatagramChannel known = clients.get(client);
        if (known != null || clients.size() >= MOST_CLIENTS) {
            return known;
        }
        DatagramChannel session = DatagramChannel.open().connect(target);
        clients.put(client, session);
        Thread.ofVirtual().name("relay").start(() -> answer(datagrams, client, session));
        return session;
    }

    private void answer(DatagramChannel datagrams, SocketAddress client, DatagramChannel session) {
        DatagramPacket packet = new DatagramPacket(new byte[BUFFER], BUFFER);
        try (session) {
            session.socket().setSoTimeout(IDLE_MILLIS);
            while (true) {
                packet.setLength(BUFFER);
                session.socket().receive(packet);
                datagrams.send(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()), client);
            }
        } catch (SocketTimeoutException e) {
            // the client asks no more
        } catch (IOException e) {
            // nobody listens there, or the end
        } finally {
            clients.remove(client, session);
        }
    }

    @Override
    public void close() {
        closeQuietly(entrance);
        open.forEach(Relay::closeQuietly);
        clients.values().forEach(Relay::closeQuietly);
    }

    private static void closeQuietly(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // it is of no use any more either way
        }
    }
}

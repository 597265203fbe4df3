package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;

/** Sockets of IPv4 or of IPv6 alone (Java's of IPv6 take IPv4 too), which can be handed to another process and taken back. */
public final class InetSocket {
    static final int INET = 2;
    static final int DATAGRAM = 2;
    static final int INET6 = 10;
    private static final int STREAM = 1;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;
    private static final int ADDRESS = 28;
    private static final int BACKLOG = 4096;

    private InetSocket() {}

    /** A socket that listens for connections. */
    public static Fd listen(InetAddress address, int port) throws LinuxException {
        Fd socket = bind(address, port, STREAM);
        try {
            listenAgain(socket);
            return socket;
        } catch (LinuxException e) {
            socket.close();
            throw e;
        }
    }

    /** Has a socket listen that does not any more; one that does goes on. */
    public static void listenAgain(Fd socket) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            check(SystemCall.LISTEN, socket.toString(), call(arena, SystemCall.LISTEN, socket.number(), BACKLOG));
        }
    }

    /** Ends the listening of a socket, which stays bound: who comes is refused. */
    public static void refuse(Fd listening) throws LinuxException {
        int read = 0;
        try (Arena arena = Arena.ofConfined()) {
            long result = call(arena, SystemCall.SHUTDOWN, listening.number(), read);
            if (result != -Errno.ENOTCONN) {
                check(SystemCall.SHUTDOWN, listening.toString(), result);
            }
        }
    }

    /** A socket that datagrams come to. */
    public static Fd datagrams(InetAddress address, int port) throws LinuxException {
        return bind(address, port, DATAGRAM);
    }

    private static Fd bind(InetAddress address, int port, int type) throws LinuxException {
        boolean six = address instanceof Inet6Address;
        try (Arena arena = Arena.ofConfined()) {
            long made = call(arena, SystemCall.SOCKET, six ? INET6 : INET, type | Fd.O_CLOEXEC, 0);
            Fd socket = Fd.of((int) check(SystemCall.SOCKET, address.toString(), made));
            try {
                if (six) {
                    option(arena, socket, IPPROTO_IPV6, IPV6_V6ONLY);
                }
                if (type == STREAM) {
                    option(arena, socket, SOL_SOCKET, SO_REUSEADDR);
                }
                byte[] bytes = encode(address, port);
                MemorySegment name = arena.allocate(bytes.length, 8);
                MemorySegment.copy(bytes, 0, name, Native.BYTE, 0, bytes.length);
                long bound = call(arena, SystemCall.BIND, socket.number(), name.address(), bytes.length);
                check(SystemCall.BIND, address.getHostAddress(), bound);
                return socket;
            } catch (LinuxException e) {
                socket.close();
                throw e;
            }
        }
    }

    private static void option(Arena arena, Fd socket, int level, int option) throws LinuxException {
        MemorySegment on = arena.allocateFrom(Native.INT, 1);
        long result = call(arena, SystemCall.SETSOCKOPT, socket.number(), level, option, on.address(), on.byteSize());
        check(SystemCall.SETSOCKOPT, socket.toString(), result);
    }

    /** What a socket is bound to; empty where the descriptor is no socket of IPv4 or IPv6. */
    public static Optional<InetSocketAddress> address(Fd socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocate(ADDRESS, 8);
            MemorySegment length = arena.allocateFrom(Native.INT, ADDRESS);
            long result = call(arena, SystemCall.GETSOCKNAME, socket.number(), name.address(), length.address());
            int family = name.get(Native.SHORT, 0);
            if (result < 0 || family != INET && family != INET6) {
                return Optional.empty();
            }
            ByteBuffer bytes = name.asByteBuffer().order(ByteOrder.BIG_ENDIAN);
            byte[] address = new byte[family == INET ? 4 : 16];
            bytes.get(family == INET ? 4 : 8, address);
            return Optional.of(new InetSocketAddress(InetAddress.getByAddress(address), bytes.getShort(2) & 0xffff));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether it is a socket for connections, not for datagrams. */
    public static boolean isStream(Fd socket) throws LinuxException {
        int type = 3;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(Native.INT);
            MemorySegment length = arena.allocateFrom(Native.INT, (int) value.byteSize());
            long result = call(
                    arena, SystemCall.GETSOCKOPT, socket.number(), SOL_SOCKET, type, value.address(), length.address());
            check(SystemCall.GETSOCKOPT, socket.toString(), result);
            return value.get(Native.INT, 0) == STREAM;
        }
    }

    private static byte[] encode(InetAddress address, int port) {
        boolean six = address instanceof Inet6Address;
        ByteBuffer name = ByteBuffer.allocate(six ? ADDRESS : 16);
        name.order(ByteOrder.nativeOrder()).putShort((short) (six ? INET6 : INET));
        name.order(ByteOrder.BIG_ENDIAN).putShort((short) port);
        if (six) {
            name.putInt(0);
        }
        name.put(address.getAddress());
        if (six) {
            name.order(ByteOrder.nativeOrder()).putInt(((Inet6Address) address).getScopeId());
        }
        return name.array();
    }

    /** A channel that accepts what comes to a listening socket; it is independent of the descriptor. */
    public static ServerSocketChannel acceptor(Fd listening) throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.INET6);
        try {
            channel.bind(anyPort());
            listening.replace(channel);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** A channel that receives and sends by a socket for datagrams; it is independent of the descriptor. */
    public static DatagramChannel datagramChannel(Fd socket) throws IOException {
        DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET6);
        try {
            channel.bind(anyPort());
            socket.replace(channel);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** A channel knows itself bound only if it was. */
    private static InetSocketAddress anyPort() throws UnknownHostException {
        return new InetSocketAddress(InetAddress.getByName("::1"), 0);
    }
}

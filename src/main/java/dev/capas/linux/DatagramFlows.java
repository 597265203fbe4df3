package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The flows of UDP that the kernel tracks (linux/netfilter/nfnetlink_conntrack.h). It decides where a flow goes at its first packet, and
 * stays with that for as long as packets come: who changes where a port leads has it forget the flows to that port.
 */
public final class DatagramFlows {
    private static final int AF_NETLINK = 16;
    private static final int SOCK_RAW = 3;
    private static final int NETLINK_NETFILTER = 12;
    private static final int UDP = 17;
    private static final int HEADER = 16;
    private static final int FAMILY = 4;
    private static final int BUFFER = 1 << 16;

    private static final int ERROR = 2;
    private static final int DONE = 3;
    private static final int GET = 1 << 8 | 1;
    private static final int DELETE = 1 << 8 | 2;
    private static final int REQUEST = 1;
    private static final int ACKNOWLEDGE = 4;
    private static final int DUMP = 0x300;

    private static final int ORIGINAL = 1;
    private static final int ZONE = 18;
    private static final int IP = 1;
    private static final int PROTOCOL = 2;
    private static final int NUMBER = 1;
    private static final int TO_PORT = 3;
    private static final int TO_V4 = 2;
    private static final int TO_V6 = 4;
    private static final int TYPE = 0x3fff;

    private DatagramFlows() {}

    /** Where a flow was sent to, before the kernel translated it. */
    public record Destination(InetAddress address, int port) {}

    /** Has the kernel forget those that go to one of these. Reads all that it tracks. */
    public static void forget(Predicate<Destination> which) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int number = (int) check(
                    SystemCall.SOCKET,
                    "netfilter",
                    call(arena, SystemCall.SOCKET, AF_NETLINK, SOCK_RAW | Fd.O_CLOEXEC, NETLINK_NETFILTER));
            try (Fd socket = Fd.of(number)) {
                for (Flow flow : find(socket, which)) {
                    send(socket, DELETE, REQUEST | ACKNOWLEDGE, flow.family, flow.name);
                    // one that has ended meanwhile is an error that nobody cares for
                    receive(socket);
                }
            }
        }
    }

    private record Flow(byte family, ByteBuffer name) {}

    private static List<Flow> find(Fd socket, Predicate<Destination> which) throws IOException {
        send(socket, GET, REQUEST | DUMP, (byte) 0, ByteBuffer.allocate(0));
        List<Flow> found = new ArrayList<>();
        while (true) {
            ByteBuffer messages = receive(socket);
            while (messages.remaining() >= HEADER) {
                int start = messages.position();
                int length = messages.getInt(start);
                int type = messages.getShort(start + 4);
                if (type == DONE) {
                    return found;
                }
                if (type == ERROR) {
                    throw new LinuxException("netlink", -messages.getInt(start + HEADER), "netfilter");
                }
                ByteBuffer flow = slice(messages, start + HEADER + FAMILY, length - HEADER - FAMILY);
                name(flow, which, found);
                messages.position(Math.min(messages.limit(), start + (length + 3 & ~3)));
            }
        }
    }

    private static void name(ByteBuffer flow, Predicate<Destination> which, List<Flow> found) throws IOException {
        ByteBuffer original = attribute(flow, ORIGINAL);
        ByteBuffer protocol = attribute(original, PROTOCOL);
        if (attribute(protocol, NUMBER).get(0) != UDP) {
            return;
        }
        ByteBuffer ip = attribute(original, IP);
        ByteBuffer four = attribute(ip, TO_V4);
        boolean six = !four.hasRemaining();
        ByteBuffer address = six ? attribute(ip, TO_V6) : four;
        byte[] bytes = new byte[address.remaining()];
        address.get(bytes);
        ByteBuffer port = attribute(protocol, TO_PORT);
        int number = (port.get(0) & 0xff) << 8 | port.get(1) & 0xff;
        if (which.test(new Destination(InetAddress.getByAddress(bytes), number))) {
            ByteBuffer name = ByteBuffer.allocate(BUFFER).order(ByteOrder.nativeOrder());
            put(name, ORIGINAL | 0x8000, original);
            if (attribute(flow, ZONE).hasRemaining()) {
                put(name, ZONE, attribute(flow, ZONE));
            }
            found.add(new Flow((byte) (six ? InetSocket.INET6 : InetSocket.INET), name.flip()));
        }
    }

    private static void put(ByteBuffer message, int type, ByteBuffer content) {
        message.putShort((short) (content.remaining() + 4))
                .putShort((short) type)
                .put(content.duplicate());
        message.position(message.position() + 3 & ~3);
    }

    /** The content of an attribute, empty where there is none. */
    private static ByteBuffer attribute(ByteBuffer attributes, int type) {
        int at = 0;
        while (at + 4 <= attributes.remaining()) {
            int length = attributes.getShort(at) & 0xffff;
            if ((attributes.getShort(at + 2) & TYPE) == type) {
                return slice(attributes, at + 4, length - 4);
            }
            at += Math.max(4, length + 3 & ~3);
        }
        return ByteBuffer.allocate(0);
    }

    private static ByteBuffer slice(ByteBuffer buffer, int at, int length) {
        return buffer.slice(at, length).order(ByteOrder.nativeOrder());
    }

    private static void send(Fd socket, int type, int flags, byte family, ByteBuffer attributes) throws IOException {
        int length = HEADER + FAMILY + attributes.remaining();
        ByteBuffer message = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        message.putInt(length)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(1)
                .putInt(0);
        message.put(family).put(new byte[FAMILY - 1]).put(attributes.duplicate());
        socket.writeAll(message.array(), 0, length);
    }

    private static ByteBuffer receive(Fd socket) throws IOException {
        byte[] bytes = new byte[BUFFER];
        int length = Math.max(0, socket.read(bytes, 0, bytes.length));
        return ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.nativeOrder());
    }
}

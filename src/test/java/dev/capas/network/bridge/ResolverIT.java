package dev.capas.network.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.home.EngineHome;
import dev.capas.linux.Fd;
import dev.capas.linux.Processes;
import dev.capas.linux.Spawn;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Names asked from within real network namespaces. */
class ResolverIT {
    @TempDir
    static Path data;

    private final Map<String, List<InetAddress>> known = new ConcurrentHashMap<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Names names = new Names() {
        @Override
        public List<InetAddress> lookup(String name) {
            return known.getOrDefault(name, List.of());
        }

        @Override
        public Optional<String> reverse(InetAddress address) {
            return Optional.empty();
        }
    };
    private KernelBridges bridges;

    @BeforeEach
    void start() {
        bridges = new KernelBridges(new EngineHome(data, data));
        known.put("web", List.of(address("10.0.0.2"), address("10.0.0.3")));
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        bridges.close();
    }

    @Test
    void namesAreAnsweredByDatagramAndByStream() throws Exception {
        Sandbox sandbox = open(List.of());
        assertThat(addresses(byDatagram(sandbox, query("web.")))).containsExactly("10.0.0.2", "10.0.0.3");
        assertThat(addresses(byDatagram(sandbox, query("web.")))).containsExactly("10.0.0.3", "10.0.0.2");
        assertThat(byStream(sandbox, query("web."), query("nope.")))
                .extracting(Message::getRcode)
                .containsExactly(Rcode.NOERROR, Rcode.SERVFAIL);
        known.put("late", List.of(address("10.0.0.9")));
        assertThat(addresses(byDatagram(sandbox, query("late.")))).containsExactly("10.0.0.9");
    }

    @Test
    void portFiftyThreeIsTheContainersOwn() throws Exception {
        Sandbox sandbox = open(List.of());
        try (NetworkNamespace inside = inside(sandbox);
                DatagramSocket own = inside.call(() -> new DatagramSocket(53));
                ServerSocket tcp = inside.call(() -> new ServerSocket(53))) {
            assertThat(own.getLocalPort()).isEqualTo(tcp.getLocalPort());
            assertThat(addresses(byDatagram(sandbox, query("web.")))).hasSize(2);
        }
    }

    @Test
    void otherNamesAreAskedOutsideFromTheHostAndFromWithin() throws Exception {
        Server host = server(null, "192.0.2.1");
        int dead;
        try (DatagramSocket closed = new DatagramSocket()) {
            dead = closed.getLocalPort();
        }
        Sandbox sandbox = open(List.of(
                new Resolving.Server(new InetSocketAddress("127.0.0.1", dead), true),
                new Resolving.Server(new InetSocketAddress("127.0.0.1", host.port()), true)));
        assertThat(addresses(byDatagram(sandbox, query("example.org.")))).containsExactly("192.0.2.1");
        assertThat(byStream(sandbox, query("example.org.")))
                .extracting(ResolverIT::addresses)
                .containsExactly(List.of("192.0.2.1"));
        try (NetworkNamespace inside = inside(sandbox)) {
            Server within = server(inside, "192.0.2.2");
            sandbox.resolve(new Resolving(
                    names, List.of(new Resolving.Server(new InetSocketAddress("127.0.0.1", within.port()), false))));
            assertThat(addresses(byDatagram(sandbox, query("example.org.")))).containsExactly("192.0.2.2");
            assertThat(byStream(sandbox, query("example.org.")))
                    .extracting(ResolverIT::addresses)
                    .containsExactly(List.of("192.0.2.2"));
        }
    }

    @Test
    void noQuestionIsLostWhileOthersComeAndGo() throws Exception {
        Sandbox sandbox = open(List.of());
        Thread churn = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 15; i++) {
                try (Sandbox other = bridges.open("f".repeat(64), List.of(), new Resolving(names, List.of()))) {
                    known.put("other" + i, List.of(address("10.0.7." + i)));
                    other.await();
                    sandbox.resolve(new Resolving(names, List.of()));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        int asked = 0;
        try (var askers = Executors.newVirtualThreadPerTaskExecutor()) {
            while (churn.isAlive()) {
                List<Future<Message>> all = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    all.add(askers.submit(() -> byDatagram(sandbox, query("web."))));
                }
                for (Future<Message> answer : all) {
                    assertThat(addresses(answer.get())).hasSize(2);
                    asked++;
                }
            }
        }
        assertThat(asked).isGreaterThanOrEqualTo(50);
    }

    @Test
    void theNextDaemonAnswersInTheSameNamespace() throws Exception {
        Sandbox sandbox = open(List.of());
        int init;
        try (NetworkNamespace inside = inside(sandbox)) {
            init = inside.call(() -> new Spawn(List.of("/bin/sleep", "60"), Map.of(), null, Map.of()).start());
            bridges.abandon();
            KernelBridges killed = bridges;
            bridges = new KernelBridges(new EngineHome(data, data));
            Running running = new Running("c".repeat(64), init, 0, List.of(), new Resolving(names, List.of()));
            Sandbox adopted = bridges.restore(List.of(), List.of(running)).get("c".repeat(64));
            open.add(adopted);
            adopted.await();
            assertThat(killed).isNotSameAs(bridges);
            assertThat(addresses(byDatagram(adopted, query("web.")))).hasSize(2);
            assertThat(byStream(adopted, query("web."))).hasSize(1);
            Processes.kill(init, 9);
            Processes.await(init);
        }
    }

    @Test
    void hostileMessagesEndNothing() throws Exception {
        Sandbox sandbox = open(List.of());
        try (NetworkNamespace inside = inside(sandbox);
                DatagramSocket socket = inside.call(DatagramSocket::new)) {
            byte[] loop = query("web.").toWire();
            loop[12] = (byte) 0xc0;
            loop[13] = 12;
            for (byte[] bytes : List.of(new byte[0], new byte[1], new byte[4096], loop)) {
                socket.send(new DatagramPacket(bytes, bytes.length, at53()));
            }
            try (Socket stream = inside.call(SocketChannel::open).socket()) {
                stream.connect(at53());
                stream.getOutputStream().write(new byte[] {(byte) 0xff, (byte) 0xff, 1, 2, 3});
                stream.shutdownOutput();
                assertThat(stream.getInputStream().readAllBytes()).isEmpty();
            }
        }
        assertThat(addresses(byDatagram(sandbox, query("web.")))).hasSize(2);
        assertThat(byStream(sandbox, query("web."))).hasSize(1);
    }

    private Sandbox open(List<Resolving.Server> servers) throws IOException {
        Sandbox sandbox = bridges.open("a".repeat(64), List.of(), new Resolving(names, servers));
        open.addFirst(sandbox);
        sandbox.await();
        return sandbox;
    }

    /** A DNS server that has one address for everything, by datagram and stream of one port. */
    private record Server(int port) {}

    private Server server(NetworkNamespace place, String address) throws IOException {
        DatagramSocket datagrams = made(place, () -> new DatagramSocket(0, address("127.0.0.1")));
        ServerSocket streams = made(place, () -> new ServerSocket(datagrams.getLocalPort(), 50, address("127.0.0.1")));
        open.add(datagrams);
        open.add(streams);
        Thread.ofVirtual().start(() -> {
            DatagramPacket packet = new DatagramPacket(new byte[512], 512);
            while (!datagrams.isClosed()) {
                try {
                    datagrams.receive(packet);
                    byte[] answer = answer(java.util.Arrays.copyOf(packet.getData(), packet.getLength()), address);
                    datagrams.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                } catch (IOException e) {
                    // the test is over
                }
            }
        });
        Thread.ofVirtual().start(() -> {
            while (!streams.isClosed()) {
                try (Socket client = streams.accept()) {
                    DataInputStream in = new DataInputStream(client.getInputStream());
                    byte[] answer = answer(in.readNBytes(in.readUnsignedShort()), address);
                    client.getOutputStream().write(framed(answer));
                } catch (IOException e) {
                    // the test is over
                }
            }
        });
        return new Server(datagrams.getLocalPort());
    }

    private static <T> T made(NetworkNamespace place, NetworkNamespace.Work<T> work) throws IOException {
        return place == null ? work.now() : place.call(work);
    }

    private static byte[] answer(byte[] query, String address) throws IOException {
        Message message = new Message(query);
        message.getHeader().setFlag(Flags.QR);
        message.addRecord(
                new ARecord(message.getQuestion().getName(), DClass.IN, 60, address(address)), Section.ANSWER);
        return message.toWire();
    }

    private static byte[] framed(byte[] message) {
        return ByteBuffer.allocate(message.length + 2)
                .putShort((short) message.length)
                .put(message)
                .array();
    }

    private static NetworkNamespace inside(Sandbox sandbox) throws IOException {
        return new NetworkNamespace(Fd.open(sandbox.path(), Fd.O_RDONLY, 0));
    }

    private static Message byDatagram(Sandbox sandbox, Message query) throws IOException {
        try (NetworkNamespace inside = inside(sandbox);
                DatagramSocket socket = inside.call(DatagramSocket::new)) {
            socket.setSoTimeout(5000);
            byte[] bytes = query.toWire();
            socket.connect(at53());
            socket.send(new DatagramPacket(bytes, bytes.length));
            DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
            socket.receive(packet);
            Message answer = new Message(java.util.Arrays.copyOf(packet.getData(), packet.getLength()));
            assertThat(answer.getHeader().getID()).isEqualTo(query.getHeader().getID());
            return answer;
        } catch (SocketTimeoutException e) {
            throw new AssertionError("lost", e);
        }
    }

    private static List<Message> byStream(Sandbox sandbox, Message... queries) throws IOException {
        List<Message> answers = new ArrayList<>();
        try (NetworkNamespace inside = inside(sandbox);
                Socket socket = inside.call(SocketChannel::open).socket()) {
            socket.connect(at53());
            socket.setSoTimeout(5000);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            for (Message query : queries) {
                socket.getOutputStream().write(framed(query.toWire()));
                answers.add(new Message(in.readNBytes(in.readUnsignedShort())));
            }
        }
        return answers;
    }

    private static InetSocketAddress at53() {
        return new InetSocketAddress("127.0.0.11", 53);
    }

    private static Message query(String name) {
        try {
            return Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> addresses(Message answer) {
        return answer.getSection(Section.ANSWER).stream()
                .map(Record::rdataToString)
                .toList();
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}

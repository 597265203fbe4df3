package dev.capas.network.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.e2e.FreePort;
import dev.capas.home.EngineHome;
import dev.capas.linux.Fd;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Networks in the kernel of this machine, with traffic over them. A namespace of the test's own is the world outside. */
class BridgesIT {
    private static final String WORLD_LINK = "capasw" + ProcessHandle.current().pid() % 100000;
    private static final String HOST_IN_WORLD = "198.51.100.1";
    private static final String WORLD = "198.51.100.2";
    private static final int PORT = 7;
    private static NetworkNamespace world;

    @TempDir
    static Path data;

    private final Bridge front = bridge("f", "10.213.7.1/24", "fd00:213:7::1/64", false, true);
    private final Bridge back = bridge("b", "10.213.8.1/24", null, false, true);
    private final List<AutoCloseable> open = new ArrayList<>();
    private KernelBridges bridges;

    @BeforeAll
    static void makeTheWorld() throws IOException {
        world = NetworkNamespace.create();
        ip(
                "link add %s type veth peer name world netns %s\naddr add %s/24 dev %1$s\naddr add fd00:98::1/64 dev %1$s nodad\nlink set %1$s up\n"
                        .formatted(WORLD_LINK, world.path(), HOST_IN_WORLD));
        world.call(() -> {
            ip("addr add %s/24 dev world\naddr add fd00:98::2/64 dev world nodad\nlink set world up\n"
                    .formatted(WORLD));
            return null;
        });
        for (String host : List.of(HOST_IN_WORLD, "fd00:98::1")) {
            try (Socket first = at(world, SocketChannel::open).socket()) {
                assertThatThrownBy(() -> first.connect(new InetSocketAddress(address(host), 1), 5000))
                        .hasMessageContaining("refused");
            }
        }
    }

    @AfterAll
    static void endTheWorld() throws IOException {
        ip("link del " + WORLD_LINK + "\n");
        world.close();
    }

    @BeforeEach
    void start() throws IOException {
        bridges = new KernelBridges(new EngineHome(data, data));
        assertThat(bridges.unavailable()).isEmpty();
        assertThat(bridges.restore(List.of(), List.of())).isEmpty();
    }

    @AfterEach
    void leaveNothing() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        bridges.close();
        assertThat(nft("list tables")).doesNotContain(bridges.table());
        assertThat(Links.exists(front.link())).isFalse();
        assertThat(Links.exists(back.link())).isFalse();
        assertThat(Program.find("iptables")
                        .orElseThrow()
                        .outcome(List.of("-w", "-S"), "")
                        .said())
                .doesNotContain(bridges.table());
    }

    @Test
    void containersOfOneNetworkReachEachOtherAndNoOtherNetwork() throws Exception {
        bridges.create(front);
        bridges.create(back);
        Sandbox one = open(front, 2);
        Sandbox two = open(front, 3);
        Sandbox other = open(back, 2);
        echo(two);
        echo(other);
        assertThat(ask(one, "10.213.7.3", PORT)).isEqualTo("from 10.213.7.2");
        assertThat(ask(one, "fd00:213:7::3", PORT)).isEqualTo("from fd00:213:7:0:0:0:0:2");
        assertThat(ask(one, "10.213.8.2", PORT)).isEqualTo("nobody");
        inside(one).call(() -> {
            assertThat(nothing().outcome(List.of("route", "show"), "").said())
                    .contains("default via 10.213.7.1 dev eth0");
            return null;
        });
        assertThat(ask(null, "10.213.8.2", PORT)).isEqualTo("from 10.213.8.1");
    }

    @Test
    void aContainerThatTakesAnAddressOverIsReachedAtOnce() throws Exception {
        bridges.create(front);
        Sandbox asker = open(front, 9);
        for (int i = 0; i < 3; i++) {
            Sandbox one = open(front, 2);
            List<AutoCloseable> server = echo(one);
            long start = System.nanoTime();
            assertThat(ask(asker, "10.213.7.2", PORT)).isEqualTo("from 10.213.7.9");
            assertThat(ask(null, "10.213.7.2", PORT)).isEqualTo("from 10.213.7.1");
            assertThat(System.nanoTime() - start).isLessThan(500_000_000L);
            for (AutoCloseable each : server) {
                each.close();
            }
            one.close();
        }
    }

    @Test
    void whatContainersSendOutCarriesAnAddressOfTheHost() throws Exception {
        bridges.create(front);
        Sandbox one = open(front, 2);
        echo(world);
        assertThat(ask(one, WORLD, PORT)).isEqualTo("from " + HOST_IN_WORLD);
        assertThat(ask(one, "fd00:98::2", PORT)).isEqualTo("from fd00:98:0:0:0:0:0:1");
    }

    @Test
    void aPublishedPortIsReachedFromEverywhere() throws Exception {
        bridges.create(front);
        bridges.create(back);
        Sandbox one = open(front, 2, publish(all(), 0, Protocol.TCP));
        Sandbox neighbour = open(front, 3);
        Sandbox stranger = open(back, 2);
        echo(one);
        int port = one.ports(endpointId(front, 2)).getFirst().hostPort();
        assertThat(one.ports(endpointId(front, 2)))
                .extracting(PublishedPort::hostPort)
                .containsExactly(port, port);
        assertThat(ask(null, "127.0.0.1", port)).isEqualTo("from 10.213.7.1");
        assertThat(ask(null, HOST_IN_WORLD, port)).startsWith("from ");
        assertThat(ask(null, "::1", port)).isEqualTo("from fd00:213:7:0:0:0:0:1");
        assertThat(ask(null, "fd00:98::1", port)).startsWith("from ");
        assertThat(ask(world, HOST_IN_WORLD, port)).isEqualTo("from " + WORLD);
        assertThat(ask(world, "fd00:98::1", port)).isEqualTo("from fd00:98:0:0:0:0:0:2");
        assertThat(ask(neighbour, "10.213.7.1", port)).startsWith("from ");
        assertThat(ask(neighbour, HOST_IN_WORLD, port)).startsWith("from ");
        assertThat(ask(stranger, HOST_IN_WORLD, port)).startsWith("from ");
        assertThat(ask(one, HOST_IN_WORLD, port)).startsWith("from ");
        assertThat(ask(one, "10.213.7.1", port)).startsWith("from ");
    }

    @Test
    void aPortOfUdpIsReachedFromEverywhere() throws Exception {
        bridges.create(front);
        Sandbox one = open(front, 2, publish(all(), 0, Protocol.UDP));
        echo(one);
        int port = one.ports(endpointId(front, 2)).getFirst().hostPort();
        assertThat(askUdp(null, "127.0.0.1", port)).isEqualTo("from 10.213.7.1");
        assertThat(askUdp(null, HOST_IN_WORLD, port)).startsWith("from ");
        assertThat(askUdp(null, "::1", port)).isEqualTo("from fd00:213:7:0:0:0:0:1");
        assertThat(askUdp(world, HOST_IN_WORLD, port)).isEqualTo("from " + WORLD);
        assertThat(askUdp(one, HOST_IN_WORLD, port)).startsWith("from ");
    }

    @Test
    void datagramsOfWhoGoesOnSendingFollowAPortToItsNextContainer() throws Exception {
        bridges.create(back);
        Sandbox one = open(back, 2, publish(List.of(address("0.0.0.0")), FreePort.any(), Protocol.UDP));
        int port = one.ports(endpointId(back, 2)).getFirst().hostPort();
        try (DatagramSocket client = new DatagramSocket()) {
            client.connect(new InetSocketAddress("127.0.0.1", port));
            client.setSoTimeout(100);
            List<AutoCloseable> servers = echo(one);
            assertThat(says(client, 30)).isEqualTo("from 10.213.8.1");
            for (AutoCloseable server : servers) {
                server.close();
            }
            one.close();
            says(client, 3);
            Sandbox two = open(back, 3, publish(List.of(address("0.0.0.0")), port, Protocol.UDP));
            echo(two);
            two.await();
            assertThat(says(client, 30)).isEqualTo("from 10.213.8.1");
        }
    }

    private static String says(DatagramSocket client, int times) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[100], 100);
        for (int tried = 0; tried < times; tried++) {
            try {
                client.send(new DatagramPacket("?".getBytes(StandardCharsets.UTF_8), 1));
                client.receive(packet);
                return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException | PortUnreachableException e) {
                // once more, of the same port
            }
        }
        return "nobody";
    }

    @Test
    void aPortOfOneAddressIsNotReachedAtOthers() throws Exception {
        bridges.create(back);
        Sandbox one = open(
                back,
                2,
                publish(List.of(address("127.0.0.1")), 0, Protocol.TCP),
                publish(List.of(address(HOST_IN_WORLD)), 0, Protocol.TCP));
        echo(one);
        List<PublishedPort> ports = one.ports(endpointId(back, 2));
        assertThat(ask(null, "127.0.0.1", ports.get(0).hostPort())).startsWith("from ");
        assertThat(ask(null, HOST_IN_WORLD, ports.get(0).hostPort())).isEqualTo("nobody");
        assertThat(ask(world, HOST_IN_WORLD, ports.get(1).hostPort())).startsWith("from ");
        world.call(() -> {
            ip("route add 127.0.0.0/24 via " + HOST_IN_WORLD + "\nroute add 10.213.8.0/24 via " + HOST_IN_WORLD + "\n");
            return null;
        });
        assertThat(ask(world, "10.213.8.2", PORT))
                .as("a container's address from outside")
                .isEqualTo("nobody");
    }

    @Test
    void ipv6PortOfAContainerWithoutIpv6() throws Exception {
        bridges.create(back);
        Sandbox one = open(back, 2, publish(all(), 0, Protocol.TCP), publish(all(), 0, Protocol.UDP));
        echo(one);
        List<PublishedPort> ports = one.ports(endpointId(back, 2));
        assertThat(ask(null, "::1", ports.getFirst().hostPort())).isEqualTo("from 10.213.8.1");
        assertThat(ask(world, "fd00:98::1", ports.getFirst().hostPort())).isEqualTo("from 10.213.8.1");
        assertThat(askUdp(null, "::1", ports.getLast().hostPort())).isEqualTo("from 10.213.8.1");
    }

    @Test
    void aTakenPortIsRefusedInDockersWords() throws Exception {
        bridges.create(back);
        Sandbox one = open(back, 2, publish(List.of(address("127.0.0.1")), FreePort.pair(), Protocol.TCP));
        int port = one.ports(endpointId(back, 2)).getFirst().hostPort();
        assertThatThrownBy(() -> open(back, 3, publish(all(), port, Protocol.TCP)))
                .isInstanceOfSatisfying(
                        PortException.class, e -> assertThat(e.endpointId()).isEqualTo(endpointId(back, 3)))
                .hasMessage("Bind for 127.0.0.1:" + port + " failed: port is already allocated");
        try (ServerSocket taken = new ServerSocket(0)) {
            assertThatThrownBy(() -> open(back, 3, publish(all(), taken.getLocalPort(), Protocol.TCP)))
                    .hasMessage("failed to bind host port for 0.0.0.0:" + taken.getLocalPort()
                            + ":10.213.8.3:7/tcp: address already in use");
        }
        assertThatThrownBy(() -> open(back, 3, publish(List.of(address("192.0.2.9")), port, Protocol.UDP)))
                .hasMessage("failed to bind host port for 192.0.2.9:" + port
                        + ":10.213.8.3:7/udp: cannot assign requested address");
        one.close();
        Sandbox again = open(back, 3, publish(List.of(address("127.0.0.1")), port, Protocol.TCP));
        echo(again);
        assertThat(ask(null, "127.0.0.1", port)).startsWith("from ");
    }

    @Test
    void aRangeGivesTheFirstFreePort() throws Exception {
        bridges.create(back);
        int base = FreePort.pair();
        PortRequest range = new PortRequest(all(), base, base + 1, PORT, Protocol.TCP);
        assertThat(open(back, 2, range).ports(endpointId(back, 2))).allMatch(port -> port.hostPort() == base);
        assertThat(open(back, 3, range).ports(endpointId(back, 3))).allMatch(port -> port.hostPort() == base + 1);
        assertThatThrownBy(() -> open(back, 4, range)).hasMessage("all ports are allocated");
    }

    @Test
    void internalHasNoWayOut() throws Exception {
        Bridge internal = bridge("i", "10.213.9.1/24", null, true, true);
        bridges.create(internal);
        bridges.create(back);
        Sandbox one = open(internal, 2);
        Sandbox two = open(internal, 3);
        Sandbox published = open(back, 2, publish(all(), 0, Protocol.TCP));
        echo(world);
        echo(two);
        echo(published);
        assertThat(ask(one, "10.213.9.3", PORT)).startsWith("from ");
        inside(one).call(() -> {
            ip("route add default via 10.213.9.1\n");
            return null;
        });
        assertThat(ask(one, WORLD, PORT)).isEqualTo("nobody");
        int port = published.ports(endpointId(back, 2)).getFirst().hostPort();
        assertThat(ask(one, HOST_IN_WORLD, port)).isEqualTo("nobody");
        assertThat(ask(null, "10.213.9.3", PORT)).startsWith("from ");
    }

    @Test
    void containersMayBeKeptFromEachOther() throws Exception {
        Bridge apart = bridge("a", "10.213.10.1/24", null, false, false);
        bridges.create(apart);
        Sandbox one = open(apart, 2);
        Sandbox two = open(apart, 3, publish(all(), 0, Protocol.TCP));
        echo(two);
        echo(world);
        assertThat(ask(one, "10.213.10.3", PORT)).isEqualTo("nobody");
        assertThat(ask(one, WORLD, PORT)).startsWith("from ");
        int port = two.ports(endpointId(apart, 3)).getFirst().hostPort();
        assertThat(ask(null, HOST_IN_WORLD, port)).startsWith("from ");
        assertThat(ask(world, HOST_IN_WORLD, port)).startsWith("from ");
    }

    @Test
    void aRunningContainerIsConnectedMovedAndTakenOff() throws Exception {
        bridges.create(front);
        bridges.create(back);
        Sandbox one = open(back, 2, publish(List.of(address("127.0.0.1")), 0, Protocol.TCP));
        echo(one);
        int port = one.ports(endpointId(back, 2)).getFirst().hostPort();
        Sandbox other = open(front, 3);
        Endpoint second = endpoint(front, 2, "eth1", List.of());
        one.connect(new Attachment(front, second, List.of()));
        assertThat(ask(other, "10.213.7.2", PORT)).isEqualTo("from 10.213.7.3");
        one.disconnect(endpointId(back, 2));
        assertThatThrownBy(() -> new Socket("127.0.0.1", port).close()).hasMessageContaining("refused");
        one.route(List.of(address("10.213.7.1")));
        one.publish(second.id(), List.of(publish(List.of(address("127.0.0.1")), port, Protocol.TCP)));
        echo(world);
        assertThat(ask(one, WORLD, PORT)).isEqualTo("from " + HOST_IN_WORLD);
        assertThat(ask(null, "127.0.0.1", port)).isEqualTo("from 10.213.7.1");
        one.route(List.of());
        assertThat(ask(one, WORLD, PORT)).isEqualTo("nobody");
    }

    @Test
    void theNextDaemonTakesEverythingOver() throws Exception {
        bridges.create(front);
        bridges.create(back);
        Sandbox one = open(front, 2, publish(all(), FreePort.pair(), Protocol.TCP));
        echo(one);
        int port = one.ports(endpointId(front, 2)).getFirst().hostPort();
        Process holder = holder(one);
        try (Socket established = new Socket("127.0.0.1", port)) {
            String dead = back.link();
            KernelBridges killed = bridges;
            killed.abandon();
            bridges = new KernelBridges(new EngineHome(data, data));
            Attachment attachment =
                    new Attachment(front, endpoint(front, 2), List.of(publish(all(), port, Protocol.TCP)));
            Running running =
                    new Running("c".repeat(64), (int) holder.pid(), (int) holder.pid(), List.of(attachment), null);
            Running gone = new Running("d".repeat(64), Integer.MAX_VALUE, 0, List.of(), null);
            Map<String, Sandbox> adopted = bridges.restore(List.of(front), List.of(running, gone));
            open.addAll(adopted.values());
            assertThat(adopted).containsOnlyKeys("c".repeat(64));
            assertThat(Links.exists(dead)).isFalse();
            assertThat(new String(established.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("from 10.213.7.1");
            assertThat(ask(null, "127.0.0.1", port)).isEqualTo("from 10.213.7.1");
            assertThat(ask(null, "::1", port)).startsWith("from ");
            Sandbox again = adopted.values().iterator().next();
            assertThat(again.ports(endpointId(front, 2))).hasSize(2).allMatch(each -> each.hostPort() == port);
            assertThatThrownBy(() -> open(front, 3, publish(all(), port, Protocol.TCP)))
                    .hasMessage("Bind for 0.0.0.0:" + port + " failed: port is already allocated");
            again.close();
            holder.destroyForcibly().waitFor();
            Sandbox next = open(front, 3, publish(all(), port, Protocol.TCP));
            echo(next);
            assertThat(ask(null, "127.0.0.1", port)).startsWith("from ");
        } finally {
            holder.destroyForcibly();
        }
    }

    @Test
    void rulesThatSomebodyFlushedComeBackWithTheNextPort() throws Exception {
        bridges.create(back);
        Sandbox one = open(back, 2, publish(all(), 0, Protocol.TCP));
        echo(one);
        nft("delete table inet " + bridges.table());
        Sandbox two = open(back, 3, publish(all(), 0, Protocol.TCP));
        echo(two);
        assertThat(ask(
                        null,
                        "127.0.0.1",
                        one.ports(endpointId(back, 2)).getFirst().hostPort()))
                .startsWith("from ");
        assertThat(ask(
                        null,
                        "127.0.0.1",
                        two.ports(endpointId(back, 3)).getFirst().hostPort()))
                .startsWith("from ");
    }

    @Test
    void whatCannotBeMadeLeavesNothing() throws Exception {
        Bridge wrong = new Bridge("ab".repeat(32), "capas-too-long-a-name", List.of(), false, true, true, 0, null);
        assertThatThrownBy(() -> bridges.create(wrong)).isInstanceOf(IOException.class);
        assertThat(nft("list tables")).doesNotContain(bridges.table());
        bridges.create(back);
        Sandbox lost =
                bridges.open("e".repeat(64), List.of(new Attachment(front, endpoint(front, 2), List.of())), null);
        open.add(lost);
        assertThatThrownBy(lost::await).isInstanceOf(IOException.class).hasMessageContaining("ip");
    }

    /** A process in the sandbox that has inherited its sockets, as conmon and init. */
    private static Process holder(Sandbox sandbox) throws IOException {
        List<Fd> passed = sandbox.reserved().stream().map(Fd::of).toList();
        for (Fd socket : passed) {
            socket.closeOnExec(false);
        }
        try {
            return inside(sandbox).call(() -> {
                java.util.Map<Integer, Fd> descriptors = new java.util.HashMap<>();
                for (Fd socket : passed) {
                    descriptors.put(5 + descriptors.size(), socket);
                }
                int pid = new dev.capas.linux.Spawn(List.of("/bin/sleep", "60"), Map.of(), null, descriptors).start();
                return new Held(pid);
            });
        } finally {
            for (Fd socket : passed) {
                socket.closeOnExec(true);
            }
        }
    }

    /** A child of this JVM that it did not start by itself. */
    private static final class Held extends Process {
        private final int pid;

        Held(int pid) {
            this.pid = pid;
        }

        @Override
        public long pid() {
            return pid;
        }

        @Override
        public java.io.OutputStream getOutputStream() {
            return java.io.OutputStream.nullOutputStream();
        }

        @Override
        public java.io.InputStream getInputStream() {
            return java.io.InputStream.nullInputStream();
        }

        @Override
        public java.io.InputStream getErrorStream() {
            return java.io.InputStream.nullInputStream();
        }

        @Override
        public int waitFor() {
            return 0;
        }

        @Override
        public int exitValue() {
            return 0;
        }

        @Override
        public void destroy() {
            try {
                dev.capas.linux.Processes.kill(pid, 9);
                dev.capas.linux.Processes.await(pid);
            } catch (IOException e) {
                // it is gone already
            }
        }
    }

    private Sandbox open(Bridge bridge, int number, PortRequest... ports) throws IOException {
        Sandbox sandbox = bridges.open(
                "%064x".formatted(number),
                List.of(new Attachment(bridge, endpoint(bridge, number), List.of(ports))),
                null);
        open.add(sandbox);
        sandbox.await();
        return sandbox;
    }

    private static Endpoint endpoint(Bridge bridge, int number) {
        return endpoint(
                bridge,
                number,
                "eth0",
                bridge.internal()
                        ? List.of()
                        : bridge.gateways().stream()
                                .map(InterfaceAddress::address)
                                .toList());
    }

    private static Endpoint endpoint(Bridge bridge, int number, String name, List<InetAddress> routes) {
        List<InterfaceAddress> addresses = bridge.gateways().stream()
                .map(gateway -> {
                    byte[] bytes = gateway.address().getAddress();
                    bytes[bytes.length - 1] = (byte) number;
                    return new InterfaceAddress(address(bytes), gateway.prefixLength());
                })
                .toList();
        String mac = "02:%02x:%02x:%02x:00:%02x"
                .formatted(
                        ThreadLocalRandom.current().nextInt(256),
                        ThreadLocalRandom.current().nextInt(256),
                        (int) bridge.link().charAt(bridge.link().length() - 1),
                        number);
        return new Endpoint(endpointId(bridge, number), name, addresses, mac, routes, Map.of());
    }

    private static String endpointId(Bridge bridge, int number) {
        return bridge.networkId().substring(2) + "%02x".formatted(number);
    }

    private static Bridge bridge(String name, String four, String six, boolean internal, boolean interContainer) {
        List<InterfaceAddress> gateways = new ArrayList<>(List.of(parse(four)));
        if (six != null) {
            gateways.add(parse(six));
        }
        String id = "%064x".formatted(name.charAt(0) + 0x0abcdef000000000L);
        return new Bridge(id, WORLD_LINK + name, gateways, internal, interContainer, true, 1400, null);
    }

    private static InterfaceAddress parse(String text) {
        String[] parts = text.split("/");
        return new InterfaceAddress(address(parts[0]), Integer.parseInt(parts[1]));
    }

    private static PortRequest publish(List<InetAddress> hosts, int port, Protocol protocol) {
        return new PortRequest(hosts, port, port, PORT, protocol);
    }

    private static List<InetAddress> all() {
        return List.of(address("0.0.0.0"), address("::"));
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static InetAddress address(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static NetworkNamespace inside(Sandbox sandbox) throws IOException {
        return new NetworkNamespace(Fd.open(sandbox.path(), Fd.O_RDONLY, 0));
    }

    /** Servers in the sandbox that tell everyone where they come from. */
    private List<AutoCloseable> echo(Sandbox sandbox) throws IOException {
        try (NetworkNamespace namespace = inside(sandbox)) {
            return echo(namespace);
        }
    }

    private List<AutoCloseable> echo(NetworkNamespace namespace) throws IOException {
        ServerSocket server = namespace.call(() -> new ServerSocket(PORT));
        DatagramSocket datagrams = namespace.call(() -> new DatagramSocket(PORT));
        open.addFirst(server);
        open.addFirst(datagrams);
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (Socket client = server.accept()) {
                    client.getOutputStream().write(from(client.getInetAddress()));
                } catch (IOException e) {
                    // the test is over
                }
            }
        });
        Thread.ofVirtual().start(() -> {
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            while (!datagrams.isClosed()) {
                try {
                    datagrams.receive(packet);
                    byte[] answer = from(packet.getAddress());
                    datagrams.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
                } catch (IOException e) {
                    // the test is over
                }
            }
        });
        return List.of(server, datagrams);
    }

    private static byte[] from(InetAddress client) {
        return ("from " + client.getHostAddress()).getBytes(StandardCharsets.UTF_8);
    }

    private static String ask(Object place, String host, int port) throws IOException {
        Socket socket = at(place, SocketChannel::open).socket();
        try (socket) {
            socket.connect(new InetSocketAddress(address(host), port), 700);
            socket.setSoTimeout(2000);
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (java.net.ConnectException | java.net.SocketTimeoutException | java.net.NoRouteToHostException e) {

            return "nobody";
        } catch (SocketException e) {
            return e.getMessage().contains("unreachable") ? "nobody" : e.getMessage();
        }
    }

    private static String askUdp(Object place, String host, int port) throws IOException {
        DatagramSocket socket = at(place, DatagramSocket::new);
        try (socket) {
            socket.connect(new InetSocketAddress(address(host), port));
            socket.setSoTimeout(2000);
            socket.send(new DatagramPacket("?".getBytes(StandardCharsets.UTF_8), 1));
            DatagramPacket packet = new DatagramPacket(new byte[100], 100);
            socket.receive(packet);
            return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
        } catch (java.net.SocketTimeoutException | java.net.PortUnreachableException e) {
            return "nobody";
        }
    }

    private static <T> T at(Object place, NetworkNamespace.Work<T> made) throws IOException {
        return switch (place) {
            case null -> made.now();
            case NetworkNamespace namespace -> namespace.call(made);
            case Sandbox sandbox -> {
                try (NetworkNamespace namespace = inside(sandbox)) {
                    yield namespace.call(made);
                }
            }
            default -> throw new IllegalArgumentException(place.toString());
        };
    }

    private static Program nothing() {
        return Program.find("ip").orElseThrow();
    }

    private static void ip(String batch) throws IOException {
        Program.find("ip").orElseThrow().run(List.of("-batch", "-"), batch);
    }

    private static String nft(String command) throws IOException {
        return Program.find("nft")
                .orElseThrow()
                .outcome(List.of(command.split(" ")), "")
                .said();
    }
}

package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Containers in networks, as users have them by the docker CLI. */
class NetworksIT {
    private static final String[] SERVE = {
        "busybox", "sh", "-c", "mkdir /www; echo page >/www/index.html; exec httpd -f -p 80 -h /www"
    };

    private static Engine engine;
    private static Docker docker;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start("--default-address-pool", "base=10.231.0.0/16,size=24", "--fixed-cidr", "10.231.0.64/26");
        docker = engine.docker();
        docker.run(Rootfs.busybox(), "import", "-c", "CMD [\"sh\"]", "-", "busybox:latest")
                .ok();
    }

    @AfterAll
    static void stop() throws Exception {
        engine.close();
    }

    @AfterEach
    void removeAll() {
        for (String id : docker.ok("ps", "-aq").lines().toList()) {
            docker.ok("rm", "-fv", id);
        }
        docker.ok("network", "prune", "-f");
    }

    private static String ok(List<String> options, String... more) {
        return docker.ok(Stream.concat(options.stream(), Stream.of(more)).toArray(String[]::new));
    }

    /** Runs a server of pages. */
    private static void serve(String name, String... options) {
        ok(
                List.of("run", "-d", "--name", name),
                Stream.concat(Stream.of(options), Stream.of(SERVE)).toArray(String[]::new));
    }

    private static String address(String container, String network) {
        return docker.ok(
                "inspect", "-f", "{{(index .NetworkSettings.Networks \"" + network + "\").IPAddress}}", container);
    }

    private static String page(String address) throws IOException, InterruptedException {
        IOException last = new IOException("not tried");
        try (HttpClient client = HttpClient.newHttpClient()) {
            for (int tries = 0; tries < 50; tries++) {
                try {
                    return client.send(
                                    HttpRequest.newBuilder(URI.create("http://" + address + "/"))
                                            .build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .body();
                } catch (IOException e) {
                    last = e;
                    Thread.sleep(100);
                }
            }
        }
        throw last;
    }

    @Test
    void findEachOtherByNameAndFixedAddress() {
        docker.ok("network", "create", "--subnet", "10.232.0.0/24", "--label", "a=b", "net");
        serve("web", "--network", "net", "--network-alias", "www", "--ip", "10.232.0.77", "-h", "served");
        String said = docker.ok(
                "run",
                "--rm",
                "--network",
                "net",
                "--name",
                "client",
                "busybox",
                "sh",
                "-c",
                "for n in web www served web.net " + docker.ok("inspect", "-f", "{{slice .Id 0 12}}", "web")
                        + "; do wget -qO- http://$n/ || exit; done; ip -4 -o addr show eth0; ip route; cat /etc/hosts");
        assertThat(said.lines().filter("page"::equals)).hasSize(5);
        assertThat(said).contains("10.232.0.2/24", "default via 10.232.0.1 ", "10.232.0.2\t");
        assertThat(address("web", "net")).isEqualTo("10.232.0.77");
        assertThat(docker.ok(
                        "network", "inspect", "-f", "{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}", "net"))
                .isEqualTo("web 10.232.0.77/24");
        assertThat(docker.ok("network", "ls", "-q", "--filter", "dangling=true"))
                .isEmpty();
        assertThat(docker.run("network", "rm", "net").err())
                .contains("error while removing network: network net has active endpoints (name:\"web\" id:\"");
        docker.ok("rename", "web", "other");
        assertThat(docker.ok("run", "--rm", "--network", "net", "busybox", "wget", "-qO-", "http://other/"))
                .isEqualTo("page");
        docker.ok("stop", "-t", "0", "other");
        docker.ok("network", "rm", "net");
        assertThat(docker.run("start", "other").err()).contains("failed to set up container networking: network ");
    }

    @Test
    void arePublishedAndRefusedWhereAPortIsTaken() throws Exception {
        serve("web", "-p", "127.0.0.1::80", "-P", "--expose", "81");
        String port = docker.ok("port", "web", "80/tcp");
        assertThat(page(port)).isEqualTo("page\n");
        List<String> all = docker.ok("port", "web", "81/tcp").lines().toList();
        assertThat(all).hasSize(2).allMatch(one -> one.endsWith(all.getFirst().replaceFirst(".*:", ":")));
        assertThat(docker.ok("ps", "--format", "{{.Ports}}"))
                .contains(port + "->80/tcp", "0.0.0.0:", "[::]:", "->81/tcp");
        String bound = port + ":80";
        Command.Result taken = docker.run("run", "-d", "--name", "second", "-p", bound, "busybox", "sleep", "600");
        assertThat(taken.code()).isEqualTo(125);
        assertThat(taken.err())
                .contains("failed to set up container networking: driver failed programming external connectivity on"
                        + " endpoint second (")
                .contains("Bind for " + port + " failed: port is already allocated");
        assertThat(docker.ok(
                        "inspect",
                        "-f",
                        "{{.State.Status}} {{.State.ExitCode}} {{.NetworkSettings.SandboxID}}",
                        "second"))
                .isEqualTo("created 128");
        docker.ok("rm", "-f", "web");
        docker.ok("start", "second");
        assertThat(docker.ok("port", "second", "80")).isEqualTo(port);
        assertThatThrownBy(() -> page(port)).isInstanceOf(IOException.class);
    }

    @Test
    void keepAddressPortAndNameOverASigkill() throws Exception {
        docker.ok("network", "create", "net");
        serve("web", "--network", "net", "-p", "127.0.0.1::80");
        String port = docker.ok("port", "web", "80/tcp");
        String settings = docker.ok("inspect", "-f", "{{json .NetworkSettings}}", "web");
        docker.ok("run", "-d", "--name", "dies", "--network", "net", "busybox", "sleep", "600");
        String pid = docker.ok("inspect", "-f", "{{.State.Pid}}", "dies");
        String bridges = docker.ok("network", "inspect", "bridge", "net");
        engine.sigkill();
        assertThat(page(port)).isEqualTo("page\n");
        Command.run("kill", "-9", pid).ok();
        engine.restart();
        assertThat(docker.ok("wait", "dies")).isEqualTo("137");
        assertThat(docker.ok("inspect", "-f", "{{json .NetworkSettings}}", "web"))
                .isEqualTo(settings);
        assertThat(page(port)).isEqualTo("page\n");
        assertThat(docker.ok("network", "inspect", "-f", "{{range .Containers}}{{.Name}} {{end}}", "net"))
                .isEqualTo("web");
        assertThat(docker.ok(
                                "network",
                                "inspect",
                                "-f",
                                "{{.Id}}{{range .IPAM.Config}}{{.Subnet}}{{end}}",
                                "bridge",
                                "net")
                        .lines())
                .allMatch(line -> bridges.contains(line.substring(0, 64)) && bridges.contains(line.substring(64)));
        assertThat(docker.ok("run", "--rm", "--network", "net", "busybox", "wget", "-qO-", "http://web/"))
                .isEqualTo("page");
        docker.ok("restart", "-t", "0", "web");
        assertThat(page(docker.ok("port", "web", "80/tcp"))).isEqualTo("page\n");
    }

    @Test
    void areConnectedAndDisconnectedWhileTheyRun() throws Exception {
        docker.ok("network", "create", "net");
        docker.ok("network", "create", "--internal", "inner");
        serve("web", "-p", "127.0.0.1::80");
        assertThat(address("web", "bridge"))
                .startsWith("10.231.0.")
                .matches(".*\\.(6[4-9]|[7-9]\\d|1[0-1]\\d|12[0-7])");
        assertThat(docker.ok("exec", "web", "cat", "/etc/resolv.conf")).doesNotContain("127.0.0.11");
        docker.ok("network", "connect", "--alias", "late", "net", "web");
        assertThat(docker.ok("exec", "web", "wget", "-qO-", "http://late/")).isEqualTo("page");
        docker.ok("network", "connect", "inner", "web");
        assertThat(docker.ok("exec", "web", "ip", "-4", "-o", "addr")).contains("eth0", "eth1", "eth2");
        assertThat(docker.ok("exec", "web", "cat", "/etc/hosts"))
                .contains(address("web", "net") + "\t", address("web", "inner") + "\t");
        assertThat(docker.ok("run", "--rm", "--network", "net", "busybox", "wget", "-qO-", "http://late/"))
                .isEqualTo("page");
        assertThat(docker.ok(
                        "run", "--rm", "--network", "inner", "busybox", "sh", "-c", "ip route; wget -qO- http://web/"))
                .endsWith("page")
                .doesNotContain("default");
        assertThat(docker.ok("ps", "-q", "--filter", "network=inner").lines()).hasSize(1);
        docker.ok("network", "disconnect", "bridge", "web");
        assertThat(docker.ok("exec", "web", "ip", "route")).contains("default via ");
        assertThat(page(docker.ok("port", "web", "80/tcp"))).isEqualTo("page\n");
        docker.ok("network", "disconnect", "net", "web");
        assertThat(docker.ok("exec", "web", "ip", "route")).doesNotContain("default");
        docker.ok("run", "-d", "--name", "alone", "--network", "none", "busybox", "sleep", "600");
        docker.ok("network", "disconnect", "none", "alone");
        docker.ok("network", "connect", "net", "alone");
        assertThat(docker.ok("exec", "alone", "ip", "route")).contains("default via ");
        assertThat(docker.run("network", "disconnect", "net", "web").err())
                .contains(" is not connected to network net");
    }

    @Test
    void areLinkedOnTheDefaultNetwork() {
        serve("web", "--expose", "80", "-e", "SAID=this");
        String said = docker.ok(
                "run",
                "--rm",
                "--link",
                "web:other",
                "--add-host",
                "host.docker.internal:host-gateway",
                "busybox",
                "sh",
                "-c",
                "wget -qO- http://other/; cat /etc/hosts; env");
        String address = address("web", "bridge");
        assertThat(said)
                .startsWith("page")
                .contains(
                        address + "\tother " + docker.ok("inspect", "-f", "{{.Config.Hostname}}", "web") + " web\n",
                        "\thost.docker.internal\n",
                        "OTHER_PORT=tcp://" + address + ":80\n",
                        "OTHER_PORT_80_TCP_ADDR=" + address + "\n",
                        "OTHER_ENV_SAID=this\n");
        docker.ok("run", "-d", "--name", "linked", "--link", "web:other", "busybox", "sleep", "600");
        docker.ok("stop", "-t", "0", "web");
        docker.ok("run", "-d", "--name", "between", "busybox", "sleep", "600");
        docker.ok("start", "web");
        assertThat(address("web", "bridge")).isNotEqualTo(address);
        assertThat(docker.ok("exec", "linked", "grep", "other", "/etc/hosts"))
                .startsWith(address("web", "bridge") + "\tother ");
        docker.ok("stop", "-t", "0", "web");
        assertThat(docker.run("run", "--link", "web:other", "--name", "refused", "busybox", "true")
                        .err())
                .contains("Cannot link to a non running container: /web AS /refused/other");
    }

    @Test
    void leaveNothingBehind() throws Exception {
        docker.ok("network", "create", "net");
        docker.ok("run", "--rm", "--network", "net", "busybox", "true");
        docker.ok("run", "--rm", "-p", "127.0.0.1::80", "busybox", "true");
        assertThat(engine.links()).hasSize(2);
        assertThat(Command.run("nft", "list", "tables").out()).contains(engine.networkMark());
        engine.stop();
        assertThat(engine.links()).isEmpty();
        assertThat(Command.run("nft", "list", "tables").out()).doesNotContain(engine.networkMark());
        engine.restart();
        assertThat(docker.ok("run", "--rm", "--network", "net", "busybox", "ip", "route"))
                .contains("default via 10.231.");
    }
}

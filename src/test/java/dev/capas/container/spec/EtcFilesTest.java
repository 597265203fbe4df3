package dev.capas.container.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.container.HostConfig;
import dev.capas.container.Recording;
import dev.capas.container.spec.ResolvConf.Kind;
import dev.capas.oci.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EtcFilesTest {
    /** The host's file when dockerd was recorded. */
    private static final String HOST = "nameserver 10.255.255.53\n";

    static List<Recording> started() {
        return Recording.all().stream()
                .filter(one -> one.spec() != null && one.files().has("hosts"))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("started")
    void writesResolvConfAsDockerdDoes(Recording recording) {
        HostConfig config = config(recording);
        assertThat(ResolvConf.of(config, config.networkMode().equals("host") ? Kind.HOST : Kind.LEGACY, HOST))
                .isEqualTo(recording.files().get("resolv.conf").asString());
    }

    @ParameterizedTest
    @MethodSource("started")
    void writesHostsAsDockerdDoes(Recording recording) throws IOException {
        HostConfig config = config(recording);
        boolean hostNetwork = config.networkMode().equals("host");
        if (hostNetwork && config.extraHosts() == null) {
            assertThat(EtcFiles.hosts(config, true, Connectivity.NONE))
                    .isEqualTo(Files.readString(Path.of("/etc/hosts")));
            return;
        }
        String hosts = recording.files().get("hosts").asString();
        List<String> own = hosts.lines()
                .filter(line -> line.startsWith("172.17.") && !line.startsWith("172.17.0.1\t"))
                .toList();
        assertThat(EtcFiles.hosts(
                        config, hostNetwork, new Connectivity(null, own, false, List.of("172.17.0.1"), List.of())))
                .isEqualTo(hosts);
    }

    @Test
    void keepsWhatResolvConfMeans() {
        String host =
                "# c\n; c\ndomain old.org\nsearch a.org b.org\nnameserver 127.0.0.1\nnameserver ::1\nnameserver 9.9.9.9\n"
                        + "nameserver wrong\noptions ndots:3\noptions edns0\nsortlist 1.2.3.4\n";
        assertThat(ResolvConf.of(config(Map.of()), Kind.LEGACY, host)).endsWith("""
                        nameserver 9.9.9.9
                        search a.org b.org
                        options ndots:3 edns0
                        sortlist 1.2.3.4

                        # Based on host file: '/etc/resolv.conf' (legacy)
                        # Invalid nameservers: [wrong]
                        # Overrides: []
                        # Option ndots from: host
                        """);
        assertThat(ResolvConf.of(config(Map.of()), Kind.HOST, host)).contains("nameserver 127.0.0.1\nnameserver ::1\n");
    }

    @Test
    void usesPublicServersWhereTheHostHasOnlyLocalOnes() {
        assertThat(ResolvConf.of(config(Map.of()), Kind.LEGACY, "nameserver 127.0.0.53\n"))
                .contains("nameserver 8.8.8.8\nnameserver 8.8.4.4\n\n", "# Used default nameservers.\n");
    }

    @Test
    void namesTheEngineWhereItResolves() {
        String asked = ResolvConf.of(
                config(Map.of("Dns", List.of("1.2.3.4", "127.0.0.1"), "DnsOptions", List.of("timeout:1"))),
                Kind.INTERNAL,
                HOST);
        assertThat(asked)
                .contains("nameserver 127.0.0.11\n", "options timeout:1 ndots:0\n", "(internal resolver)\n")
                .endsWith("""
                        # ExtServers: [1.2.3.4 host(127.0.0.1)]
                        # Overrides: [nameservers options]
                        # Option ndots from: internal
                        """);
        assertThat(ResolvConf.of(config(Map.of("DnsOptions", List.of("ndots:3"))), Kind.INTERNAL, "nameserver ::1\n"))
                .contains("options ndots:3\n", "# ExtServers: [host(::1)]\n", "# Option ndots from: override\n");
    }

    @Test
    void refusesAServerThatIsNoAddress() {
        assertThatThrownBy(() -> ResolvConf.of(config(Map.of("Dns", List.of("x"))), Kind.LEGACY, HOST))
                .hasMessage("bad nameserver address x: ParseAddr(\"x\"): unable to parse IP");
    }

    private static HostConfig config(Recording recording) {
        return Json.MAPPER.treeToValue(recording.inspect().get("HostConfig"), HostConfig.class);
    }

    private static HostConfig config(Map<String, Object> fields) {
        return Json.MAPPER.convertValue(fields, HostConfig.class);
    }
}

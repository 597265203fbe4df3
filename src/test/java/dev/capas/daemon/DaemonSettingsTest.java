package dev.capas.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.container.ContainerDefaults;
import dev.capas.container.HostConfig.Ulimit;
import dev.capas.network.NetworkDefaults;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What flags and {@code daemon.json} make together; the refusals are those that {@code dockerd --validate} 28.5.2 prints. */
class DaemonSettingsTest {
    @TempDir
    private Path directory;

    private DaemonSettings settings(String json, String... flags) throws IOException {
        Path file = directory.resolve("daemon.json");
        Files.writeString(file, json);
        List<String> all = new ArrayList<>(List.of("--config-file", file.toString()));
        all.addAll(Arrays.asList(flags));
        return DaemonCommand.parse(all).settings();
    }

    @Test
    void readsEveryKeyThatItHeeds() throws IOException {
        Files.createFile(directory.resolve("cert.pem"));
        Files.createFile(directory.resolve("key.pem"));
        Files.createFile(directory.resolve("ca.pem"));
        DaemonSettings settings = settings("""
                {
                  "hosts": ["unix:///a/b.sock", "tcp://127.0.0.1:2377", "tcp://[::1]"],
                  "data-root": "/data", "exec-root": "/exec", "pidfile": "/pid", "group": "staff",
                  "debug": true, "tlsverify": true, "tlscacert": "%1$s/ca.pem", "tlscert": "%1$s/cert.pem", "tlskey": "%1$s/key.pem",
                  "default-runtime": "other", "runtimes": {"other": {"path": "/bin/other", "runtimeArgs": []}},
                  "insecure-registries": ["a:5000", "10.0.0.0/8"], "registry-mirrors": ["http://m:1/", "https://n"],
                  "labels": ["a=b,c", "d=e"]
                }
                """.formatted(directory), "--add-runtime", "third=third-runtime");
        assertThat(settings.listen())
                .containsExactly(
                        new ListenAddress.Unix(Path.of("/a/b.sock")),
                        new ListenAddress.Tcp("127.0.0.1", 2377),
                        new ListenAddress.Tcp("::1", 2376));
        assertThat(settings.home().dataRoot()).isEqualTo(Path.of("/data"));
        assertThat(settings.home().execRoot()).isEqualTo(Path.of("/exec"));
        assertThat(settings.pidFile()).isEqualTo(Path.of("/pid"));
        assertThat(settings.group()).isEqualTo("staff");
        assertThat(settings.verbosity()).isEqualTo(Verbosity.DEBUG);
        assertThat(settings.tls())
                .isEqualTo(new Tls(
                        true,
                        directory.resolve("ca.pem"),
                        directory.resolve("cert.pem"),
                        directory.resolve("key.pem")));
        assertThat(settings.defaultRuntime()).isEqualTo("other");
        assertThat(settings.runtimes())
                .isEqualTo(Map.of("other", Path.of("/bin/other"), "third", Path.of("third-runtime")));
        assertThat(settings.insecureRegistries()).containsExactly("a:5000", "10.0.0.0/8");
        assertThat(settings.registryMirrors()).containsExactly("http://m:1/", "https://n");
        assertThat(settings.labels()).containsExactly("a=b,c", "d=e");
        assertThat(settings.withoutEffect()).isEmpty();
    }

    @Test
    void readsWhatContainersGet() throws IOException {
        ContainerDefaults defaults = settings("""
                        {"log-driver": "local", "log-opts": {"max-size": "10m", "max-file": "3"}, "dns": ["192.0.2.1", "2001:db8::1"],
                         "dns-opts": ["ndots:1"], "dns-search": ["example.com"], "default-shm-size": "1.5M", "init": true,
                         "default-ulimits": {"nofile": {"Name": "nofile", "Hard": 2048, "Soft": 1024}, "core": {"Soft": -1, "Hard": -1}},
                         "default-ipc-mode": "shareable", "no-new-privileges": true}
                        """).containers();
        assertThat(defaults)
                .isEqualTo(new ContainerDefaults(
                        "local",
                        Map.of("max-size", "10m", "max-file", "3"),
                        List.of("192.0.2.1", "2001:db8::1"),
                        List.of("ndots:1"),
                        List.of("example.com"),
                        3 << 19,
                        List.of(new Ulimit("nofile", 2048, 1024), new Ulimit("core", -1, -1)),
                        "shareable",
                        true,
                        true));
        assertThat(settings("{}", "--log-opt", "max-size=1m", "--default-ulimit", "nproc=5")
                        .containers())
                .isEqualTo(new ContainerDefaults(
                        "json-file",
                        Map.of("max-size", "1m"),
                        List.of(),
                        List.of(),
                        List.of(),
                        0,
                        List.of(new Ulimit("nproc", 5, 5)),
                        "",
                        false,
                        false));
        assertThat(settings("{}").containers()).isEqualTo(ContainerDefaults.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", "{}", "\uFEFF{}", "{\"debug\":null,\"hosts\":[]}"})
    void aFileThatSaysNothingLeavesTheDefaults(String json) throws IOException {
        DaemonSettings settings = settings(json, "--no-docker-socket");
        assertThat(settings.verbosity()).isEqualTo(Verbosity.INFO);
        assertThat(settings.listen())
                .containsExactly(new ListenAddress.Unix(Place.here().socket()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"debug\":true} | -D | debug: (from flag: true, from file: true)",
                "{\"hosts\":[\"unix:///a\"],\"log-level\":\"warn\"} | -H unix:///b -l info | hosts: (from flag: [unix:///b], from file: [unix:///a]), log-level: (from flag: info, from file: warn)",
                "{\"insecure-registries\":[\"a:5000\"]} | --insecure-registry b:5000 | insecure-registries: (from flag: [b:5000], from file: [a:5000])",
                "{\"labels\":[\"a=b\"]} | --label c=d | labels: (from flag: [c=d], from file: [a=b])",
                "{\"tls\":false} | --tls | tls: (from flag: true, from file: false)"
            })
    void refusesWhatFlagAndFileBothSay(String json, String flags, String conflicts) {
        assertThatThrownBy(() -> settings(json, flags.split(" ")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unable to configure the engine with file " + directory.resolve("daemon.json")
                        + ": the following directives are specified both as a flag and in the configuration file: "
                        + conflicts);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"foo\":1,\"graph\":\"/x\"} | the following directives don't match any configuration option: foo, graph",
                "{\"Debug\":true} | the following directives don't match any configuration option: Debug",
                "{\"host\":\"unix:///a\"} | the following directives don't match any configuration option: host",
                "{\"config-file\":\"/x\"} | the following directives don't match any configuration option: config-file",
                "[1] | invalid JSON: json: cannot unmarshal array into Go value of type map[string]interface {}",
                "{nonsense | invalid JSON: invalid character 'n' looking for beginning of object key string",
                "{\"a\":1 | invalid JSON: unexpected end of JSON input",
                "{} {} | invalid JSON: invalid character '{' after top-level value",
                "{\"debug\":\"yes\"} | invalid JSON: json: cannot unmarshal string into Go struct field Config.debug of type bool",
                "{\"debug\":1} | invalid JSON: json: cannot unmarshal number into Go struct field Config.debug of type bool",
                "{\"data-root\":1} | invalid JSON: json: cannot unmarshal number into Go struct field Config.data-root of type string",
                "{\"hosts\":\"unix:///a\"} | invalid JSON: json: cannot unmarshal string into Go struct field Config.hosts of type []string",
                "{\"hosts\":[1]} | invalid JSON: json: cannot unmarshal number into Go struct field Config.hosts of type string",
                "{\"hosts\":[\"ftp://a\"]} | invalid bind address (ftp://a): unsupported proto 'ftp'",
                "{\"log-level\":\"loud\"} | invalid logging level: loud",
                "{\"registry-mirrors\":[\"x:5\"]} | invalid mirror: no scheme specified for \"x:5\": must use either 'https://' or 'http://'",
                "{\"registry-mirrors\":[\"ftp://x\"]} | invalid mirror: unsupported scheme \"ftp\" in \"ftp://x\": must use either 'https://' or 'http://'",
                "{\"registry-mirrors\":[\"http://x:5/a?b\"]} | invalid mirror: query or fragment at end of the URI \"http://x:5/a?b\"",
                "{\"runtimes\":{\"a\":{\"path\":\"/a\",\"runtimeArgs\":[\"-x\"]}}} | runtime a: only a path is supported, to a program with the command line of an OCI runtime",
                "{\"userns-remap\":\"default\"} | userns-remap is not supported by this engine",
                "{\"authorization-plugins\":[\"a\"]} | authorization-plugins is not supported by this engine",
                "{\"selinux-enabled\":true} | selinux-enabled is not supported by this engine"
            })
    void refusesAFile(String json, String reason) {
        assertThatThrownBy(() -> settings(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "unable to configure the engine with file " + directory.resolve("daemon.json") + ": " + reason);
    }

    @Test
    void refusesAFileThatIsNamedAndNotThere() {
        assertThatThrownBy(() -> DaemonCommand.parse(List.of("--config-file", "/none.json"))
                        .settings())
                .hasMessage(
                        "unable to configure the engine with file /none.json: open /none.json: no such file or directory");
    }

    @Test
    void readsWhatNetworksGet() throws IOException {
        NetworkDefaults networks = settings("""
                        {"bip": "10.0.0.1/24", "fixed-cidr": "10.0.0.128/25", "mtu": 1400, "ip": "127.0.0.1", "icc": false, "ip-masq": false,
                         "default-address-pools": [{"base": "10.10.0.0/16", "size": 24}, {"base": "fd00:10::/48", "size": 64}]}
                        """).networks();
        assertThat(networks.bip()).hasToString("10.0.0.1/24");
        assertThat(networks.fixedCidr()).hasToString("10.0.0.128/25");
        assertThat(networks.pools().toString())
                .isEqualTo("[Pool[base=10.10.0.0/16, size=24], Pool[base=fd00:10::/48, size=64]]");
        assertThat(networks.mtu()).isEqualTo(1400);
        assertThat(networks.bindingAddress()).isEqualTo("127.0.0.1");
        assertThat(networks.interContainer() || networks.masquerade()).isFalse();
        assertThat(settings("{}").networks()).isEqualTo(NetworkDefaults.none(""));
    }

    @Test
    void tellsWhatItOverlooks() throws IOException {
        assertThat(settings("""
                        {"ipv6": true, "default-gateway": "10.0.0.1", "live-restore": false, "exec-opts": ["native.cgroupdriver=systemd"],
                         "userns-remap": "", "storage-opts": [], "experimental": false}
                        """).withoutEffect())
                .containsExactly("ipv6", "default-gateway", "live-restore", "exec-opts");
        assertThat(settings("""
                        {"live-restore": true, "storage-driver": "overlay2", "exec-opts": ["native.cgroupdriver=cgroupfs"]}
                        """).withoutEffect()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ftp://x | unsupported proto 'ftp'",
                "npipe:////./pipe/x | unsupported proto 'npipe'",
                "fd:// | this engine takes no sockets from systemd; disable the socket unit and use -H unix:///path",
                "tcp://127.0.0.1:0 | invalid port: 0",
                "tcp://127.0.0.1:99999 | invalid port: 99999",
                "tcp://127.0.0.1:2375/path | should not contain a path element",
                "tcp://a_b:2375 | should be in the format tcp://host:port",
                "unix://rel/path | a socket needs an absolute path"
            })
    void refusesAnAddress(String address, String reason) {
        assertThatThrownBy(() -> settings("{}", "-H", address))
                .hasMessage("invalid bind address (" + address + "): " + reason);
    }

    @ParameterizedTest
    @CsvSource({
        "/a.sock, unix:///a.sock",
        "unix:///a/../b.sock, unix:///b.sock",
        "tcp://, tcp://127.0.0.1:2375",
        ":2380, tcp://127.0.0.1:2380",
        "127.0.0.2:2380, tcp://127.0.0.2:2380",
        "tcp://localhost, tcp://localhost:2375",
        "tcp://[::1]:2380, tcp://[::1]:2380"
    })
    void readsAnAddress(String text, String address) throws IOException {
        assertThat(settings("{}", "-H", text).listen()).hasToString("[" + address + "]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://0.0.0.0:2375", "tcp://[::]:2375", "tcp://192.0.2.1:2375"})
    void opensTheMachineOnlyWhenAskedInSoManyWords(String address) throws IOException {
        assertThatThrownBy(() -> settings("{}", "-H", address))
                .hasMessageContaining("would give everyone who reaches it root on this machine")
                .hasMessageContaining("--tlsverify");
        assertThat(settings("{}", "-H", address, "--allow-unauthenticated-tcp").listen())
                .hasSize(1);
    }

    @Test
    void encryptionWithoutCertificatesOfClientsIsNotEnough() throws IOException {
        Files.createFile(directory.resolve("cert.pem"));
        Files.createFile(directory.resolve("key.pem"));
        String[] flags = {
            "-H",
            "tcp://0.0.0.0:2376",
            "--tls",
            "--tlscert",
            directory.resolve("cert.pem").toString(),
            "--tlskey",
            directory.resolve("key.pem").toString()
        };
        assertThatThrownBy(() -> settings("{}", flags)).hasMessageContaining("add --tlsverify");
        assertThatThrownBy(() -> settings("{\"tlsverify\":true,\"tlscacert\":\"/none.pem\"}", flags))
                .hasMessageEndingWith(
                        "invalid TLS configuration: could not read CA certificate \"/none.pem\": open /none.pem: no such file or directory");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-l loud | invalid logging level: loud",
                "--default-runtime nope | specified default runtime 'nope' does not exist",
                "--insecure-registry http://x:5 | insecure registry http://x:5 should not contain '://'",
                "--label x | bad attribute format: x",
                "--log-driver nope | failed to set log opts: error looking up logging plugin nope: plugin \"nope\" not found",
                "--log-opt nope=1 | failed to set log opts: unknown log opt 'nope' for json-file log driver",
                "--dns x | invalid string being converted to IP address: x",
                "--default-ulimit nofile=x | invalid ulimit argument: nofile=x",
                "--default-shm-size x | invalid size: 'x'",
                "--default-ipc-mode host | IPC mode \"host\" is not supported as default value",
                "--tls --tlscert /c --tlskey /k | invalid TLS configuration: Could not load X509 key pair (cert: \"/c\", key: \"/k\"): open /c: no such file or directory"
            })
    void refusesAFlag(String flags, String reason) {
        assertThatThrownBy(() -> settings("{}", flags.split(" "))).hasMessage(reason);
    }

    @ParameterizedTest
    @CsvSource({"debug, DEBUG", "INFO, INFO", "warning, WARN", "warn, WARN", "error, ERROR", "fatal, ERROR"})
    void readsALevel(String name, Verbosity level) throws IOException {
        assertThat(settings("{\"log-level\":\"" + name + "\"}").verbosity()).isEqualTo(level);
        assertThat(settings("{}", "-l", name).verbosity()).isEqualTo(level);
        assertThat(settings("{}", "-l", name, "-D").verbosity()).isEqualTo(Verbosity.DEBUG);
    }
}

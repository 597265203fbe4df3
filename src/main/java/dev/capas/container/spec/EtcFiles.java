package dev.capas.container.spec;

import dev.capas.container.HostConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The files of a container's {@code /etc} that the engine writes anew at each start, in the container's directory. */
public final class EtcFiles {
    private static final Path HOSTS = Path.of("/etc/hosts");
    private static final String USUAL_HOSTS = """
            127.0.0.1\tlocalhost
            ::1\tlocalhost ip6-localhost ip6-loopback
            fe00::\tip6-localnet
            ff00::\tip6-mcastprefix
            ff02::1\tip6-allnodes
            ff02::2\tip6-allrouters
            """;
    /** Stands for an address of the host on the default network. */
    private static final String HOST_GATEWAY = "host-gateway";

    private EtcFiles() {}

    /** Writes all three; none for a container without network, or with that of another one. */
    static void write(SpecRequest request) throws IOException {
        if (request.config().networkDisabled() || request.joined().network() != null) {
            return;
        }
        boolean hostNetwork = request.modes().hostNetwork();
        HostConfig config = request.hostConfig();
        write(request, "hostname", request.hostname() + "\n");
        write(request, "hosts", hosts(config, hostNetwork, request.connectivity()));
        write(request, "resolv.conf", ResolvConf.of(config, kind(hostNetwork, request.connectivity())));
    }

    /**
     * Has a running container ask the engine for names from now on, where its file is as the engine has written it.
     *
     * @param directory of the container
     */
    public static void resolveByEngine(Path directory, HostConfig config) throws IOException {
        Path file = directory.resolve("resolv.conf");
        if (Files.readString(file).equals(ResolvConf.of(config, ResolvConf.Kind.LEGACY))) {
            Files.writeString(file, ResolvConf.of(config, ResolvConf.Kind.INTERNAL));
        }
    }

    private static ResolvConf.Kind kind(boolean hostNetwork, Connectivity connectivity) {
        if (connectivity.resolver()) {
            return ResolvConf.Kind.INTERNAL;
        }
        return hostNetwork ? ResolvConf.Kind.HOST : ResolvConf.Kind.LEGACY;
    }

    /** The hosts that it was told of, and then itself. */
    static String hosts(HostConfig config, boolean hostNetwork, Connectivity connectivity) throws IOException {
        List<String> extra = config.extraHosts() == null ? List.of() : config.extraHosts();
        if (hostNetwork && extra.isEmpty() && Files.isReadable(HOSTS)) {
            return Files.readString(HOSTS);
        }
        StringBuilder text = new StringBuilder(USUAL_HOSTS);
        for (String one : extra) {
            String[] parts = one.split(":", 2);
            List<String> addresses =
                    parts[parts.length - 1].equals(HOST_GATEWAY) ? connectivity.hostGateways() : List.of(parts[1]);
            addresses.forEach(address ->
                    text.append(address).append('\t').append(parts[0]).append('\n'));
        }
        connectivity.hosts().forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    private static void write(SpecRequest request, String name, String text) throws IOException {
        Files.writeString(request.directory().resolve(name), text);
    }
}

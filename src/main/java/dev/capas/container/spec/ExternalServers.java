package dev.capas.container.spec;

import dev.capas.container.HostConfig;
import dev.capas.network.IpAddress;
import dev.capas.network.bridge.Resolving.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/** The DNS servers that the engine asks for a container. */
public final class ExternalServers {
    private static final int PORT = 53;

    private ExternalServers() {}

    /** Those that it was told of, or else those of the host. */
    public static List<Server> of(HostConfig config) throws IOException {
        return ResolvConf.servers(config).stream()
                .flatMap(server -> IpAddress.parse(server.address()).stream()
                        .map(address -> new Server(new InetSocketAddress(address.inet(), PORT), server.fromHost())))
                .toList();
    }
}

package dev.capas.network.bridge;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * The network namespace of one run of a container. Its methods may be called by any thread, one at a time but for {@link #close}.
 */
public interface Sandbox extends AutoCloseable {
    /** What names the namespace in {@code config.json}; good for as long as this daemon lives and this is not closed. */
    Path path();

    /** Numbers of the sockets that hold the published ports, for conmon to inherit: the ports then stay taken for as long as the
     * container lives, whatever becomes of the daemon. They are closed by {@link #close} here. */
    List<Integer> reserved();

    /** What is published by way of an endpoint, in the order of the requests and their addresses. */
    List<PublishedPort> ports(String endpointId);

    /**
     * Waits until all that was asked of {@link Bridges#open} is done. To be called before the container's init is let go.
     *
     * @throws IOException with what {@code ip} or {@code nft} said, if something could not be done
     */
    void await() throws IOException;

    /**
     * Puts a running container on one more bridge, and has done so when it returns. Its default routes, where it has some, take the
     * place of others.
     *
     * @throws PortException if a port cannot be had; the container is not on the bridge then
     */
    void connect(Attachment attachment) throws IOException;

    /** Takes a running container off a bridge. Its default routes and its ports go too. */
    void disconnect(String endpointId) throws IOException;

    /** Has the default routes go by these gateways, at most one of each family, in place of others; those of the families not given go. */
    void route(List<InetAddress> gateways) throws IOException;

    /** Publishes these ports by way of the endpoint in place of those that it has. Ports that stay the same stay reserved. */
    void publish(String endpointId, List<PortRequest> ports) throws IOException;

    /** Answers names in this way from now on; names were resolved before, or no container looks at its {@code resolv.conf} yet. */
    void resolve(Resolving resolving) throws IOException;

    /**
     * To be called at the end of the run, also of one that failed: ports are free when it returns. The links are not removed: they go
     * with the namespace, which goes with its last process.
     */
    @Override
    void close();
}

package dev.capas.network.bridge;

import dev.capas.linux.Fd;
import dev.capas.linux.InetSocket;
import dev.capas.linux.LinuxException;
import dev.capas.linux.PidFd;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** A network namespace with its interfaces, its ports and its resolver. */
final class KernelSandbox implements Sandbox {
    private static final int FIRST_INHERITED = 5;
    private static final System.Logger LOG = System.getLogger(KernelSandbox.class.getName());

    private record Plug(Endpoint endpoint, List<Publication> publications) {}

    private final Kernel kernel;
    private final NetworkNamespace namespace;
    private final Map<HostPort, Fd> sockets = new LinkedHashMap<>();
    private final Map<String, Plug> plugs = new LinkedHashMap<>();
    private CompletableFuture<Void> ready = CompletableFuture.completedFuture(null);
    private @Nullable Resolver resolver;
    private boolean closed;

    private KernelSandbox(Kernel kernel, NetworkNamespace namespace) {
        this.kernel = kernel;
        this.namespace = namespace;
    }

    /** See {@link Bridges#open}; it is ready no sooner than what has to be done before. */
    static KernelSandbox open(
            Kernel kernel, List<Attachment> attachments, @Nullable Resolving resolving, CompletableFuture<Void> before)
            throws IOException {
        KernelSandbox sandbox = new KernelSandbox(kernel, NetworkNamespace.create());
        try {
            for (Attachment attachment : attachments) {
                sandbox.plug(attachment);
            }
        } catch (IOException e) {
            sandbox.close();
            throw e;
        }
        sandbox.ready = CompletableFuture.allOf(
                before,
                sandbox.background(() -> sandbox.wire(attachments)),
                kernel.firewall().change(List.of(), sandbox.translations()),
                resolving == null
                        ? CompletableFuture.completedFuture(null)
                        : sandbox.background(() -> sandbox.startResolver(resolving)));
        return sandbox;
    }

    /**
     * Takes over what an earlier daemon has made; the packet filter is told of {@link #translations} by the caller.
     *
     * @throws IOException if there is no such process any more
     */
    static KernelSandbox adopt(Kernel kernel, Running running) throws IOException {
        KernelSandbox sandbox = new KernelSandbox(kernel, NetworkNamespace.of(running.init()));
        sandbox.sockets.putAll(socketsOf(running.conmon()));
        kernel.ports().adopt(sandbox.sockets.keySet());
        for (Attachment attachment : running.attachments()) {
            try {
                sandbox.plug(attachment);
            } catch (PortException e) {
                LOG.log(System.Logger.Level.WARNING, "a port of container " + running.containerId() + " is lost", e);
                sandbox.plugs.put(attachment.endpoint().id(), new Plug(attachment.endpoint(), List.of()));
            }
        }
        Resolving resolving = running.resolving();
        if (resolving != null) {
            sandbox.ready = sandbox.background(() -> sandbox.startResolver(resolving));
        }
        return sandbox;
    }

    /** The sockets that a conmon has inherited. */
    private static Map<HostPort, Fd> socketsOf(int conmon) {
        Map<HostPort, Fd> found = new LinkedHashMap<>();
        if (conmon == 0) {
            return found;
        }
        try (PidFd process = PidFd.open(conmon);
                DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/" + conmon + "/fd"))) {
            for (Path entry : open) {
                int number = Integer.parseInt(entry.getFileName().toString());
                if (number >= FIRST_INHERITED && isSocket(entry)) {
                    Fd socket = process.descriptor(number);
                    HostPort port = hostPort(socket);
                    if (port == null || found.putIfAbsent(port, socket) != null) {
                        socket.close();
                    }
                }
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the sockets of conmon " + conmon + " cannot be taken over", e);
        }
        return found;
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false;
        }
    }

    private static @Nullable HostPort hostPort(Fd socket) throws LinuxException {
        InetSocketAddress address = InetSocket.address(socket).orElse(null);
        return address == null
                ? null
                : new HostPort(
                        address.getAddress(),
                        address.getPort(),
                        InetSocket.isStream(socket) ? Protocol.TCP : Protocol.UDP);
    }

    private CompletableFuture<Void> background(NetworkNamespace.Work<@Nullable Void> work) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        work.now();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                kernel.threads());
    }

    /** Has its ports, and nothing in the kernel yet. */
    private Plug plug(Attachment attachment) throws IOException {
        Plug plug = new Plug(attachment.endpoint(), publications(attachment.endpoint(), attachment.ports()));
        plugs.put(attachment.endpoint().id(), plug);
        return plug;
    }

    private List<Publication> publications(Endpoint endpoint, List<PortRequest> requests) throws IOException {
        List<Publication> made = new ArrayList<>();
        try {
            for (PortRequest request : requests) {
                InetAddress container = endpoint.addresses().getFirst().address();
                Map<HostPort, Fd> got =
                        kernel.ports().reserve(request, new HostPorts.Applicant(endpoint.id(), container), sockets);
                sockets.putAll(got);
                for (Map.Entry<HostPort, Fd> port : got.entrySet()) {
                    made.add(Publication.start(port.getKey(), port.getValue(), request.containerPort(), endpoint));
                }
            }
            return made;
        } catch (IOException e) {
            made.forEach(Publication::stopRelay);
            throw e;
        }
    }

    private @Nullable Void wire(List<Attachment> attachments) throws IOException {
        if (!attachments.isEmpty()) {
            List<Endpoint> endpoints =
                    attachments.stream().map(Attachment::endpoint).toList();
            List<String> links = kernel.links().plug(attachments, namespace);
            kernel.links().configure(endpoints, namespace);
            Links.awaitForwarding(links, attachments);
            kernel.links().announce(endpoints, namespace);
        }
        return null;
    }

    private @Nullable Void startResolver(Resolving resolving) throws IOException {
        Resolver started = Resolver.start(namespace, kernel.nft(), resolving);
        synchronized (this) {
            resolver = started;
        }
        return null;
    }

    List<Translation> translations() {
        return plugs.values().stream()
                .flatMap(plug -> Publication.translations(plug.publications).stream())
                .toList();
    }

    @Override
    public Path path() {
        return namespace.path();
    }

    @Override
    public List<Integer> reserved() {
        return sockets.values().stream().map(Fd::number).toList();
    }

    @Override
    public List<PublishedPort> ports(String endpointId) {
        Plug plug = plugs.get(endpointId);
        return plug == null
                ? List.of()
                : plug.publications.stream().map(Publication::port).toList();
    }

    @Override
    public void await() throws IOException {
        Waiting.on(ready);
    }

    @Override
    public void connect(Attachment attachment) throws IOException {
        Plug plug = plug(attachment);
        try {
            CompletableFuture<Void> published =
                    kernel.firewall().change(List.of(), Publication.translations(plug.publications));
            Waiting.on(background(() -> wire(List.of(attachment))));
            Waiting.on(published);
        } catch (IOException e) {
            unpublish(plug);
            plugs.remove(plug.endpoint.id());
            throw e;
        }
    }

    @Override
    public void disconnect(String endpointId) throws IOException {
        Plug plug = plugs.remove(endpointId);
        if (plug != null) {
            unpublish(plug);
            refuse(plug.publications);
            Waiting.on(background(() -> {
                kernel.links().unplug(plug.endpoint.interfaceName(), namespace);
                return null;
            }));
        }
    }

    /** A port stays reserved for as long as conmon has its socket, but nobody is to wait there for an answer. */
    private void refuse(List<Publication> publications) throws LinuxException {
        for (Publication publication : publications) {
            PublishedPort port = publication.port();
            Fd socket = sockets.get(new HostPort(port.hostAddress(), port.hostPort(), port.protocol()));
            if (socket != null && port.protocol() == Protocol.TCP) {
                InetSocket.refuse(socket);
            }
        }
    }

    private CompletableFuture<Void> unpublish(Plug plug) {
        plug.publications.forEach(Publication::stopRelay);
        return kernel.firewall().change(Publication.translations(plug.publications), List.of());
    }

    @Override
    public void route(List<InetAddress> gateways) throws IOException {
        Waiting.on(background(() -> {
            kernel.links().route(gateways, namespace);
            return null;
        }));
    }

    @Override
    public void publish(String endpointId, List<PortRequest> ports) throws IOException {
        Plug before = plugs.get(endpointId);
        if (before == null) {
            throw new IOException("endpoint " + endpointId + " is not connected");
        }
        before.publications.forEach(Publication::stopRelay);
        refuse(before.publications);
        Plug after = new Plug(before.endpoint, publications(before.endpoint, ports));
        plugs.put(endpointId, after);
        Waiting.on(kernel.firewall()
                .change(Publication.translations(before.publications), Publication.translations(after.publications)));
    }

    @Override
    public void resolve(Resolving resolving) throws IOException {
        Waiting.on(ready.exceptionally(failure -> null));
        Resolver running;
        synchronized (this) {
            running = resolver;
        }
        if (running == null) {
            Waiting.on(background(() -> startResolver(resolving)));
        } else {
            running.change(resolving);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        ready.exceptionally(failure -> null).join();
        detach();
        kernel.firewall().change(translations(), List.of());
        kernel.ports().release(sockets);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    /** Leaves everything as it is for the next daemon. */
    void detach() {
        plugs.values().forEach(plug -> plug.publications.forEach(Publication::stopRelay));
        synchronized (this) {
            if (resolver != null) {
                resolver.close();
            }
        }
        sockets.values().forEach(Fd::close);
        namespace.close();
    }
}

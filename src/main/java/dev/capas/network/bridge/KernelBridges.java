package dev.capas.network.bridge;

import dev.capas.home.EngineHome;
import dev.capas.linux.Processes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Networks by {@code ip} and {@code nft}. */
@Component
final class KernelBridges implements Bridges, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(KernelBridges.class.getName());
    private static final int CAP_NET_ADMIN = 12;
    private static final int CAP_SYS_ADMIN = 21;

    private final ExecutorService threads = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("network-", 0).factory());
    private final Set<KernelSandbox> sandboxes = ConcurrentHashMap.newKeySet();
    private final Map<String, Bridge> bridges = new ConcurrentHashMap<>();
    private final String name;
    private final @Nullable Kernel kernel;
    private final @Nullable ForeignFirewalls foreign;
    private volatile @Nullable String unavailable;
    private volatile boolean touched;
    private volatile CompletableFuture<Void> agreed = CompletableFuture.completedFuture(null);

    KernelBridges(EngineHome home) {
        name = "capas-" + digits(home.dataRoot());
        unavailable = missing();
        if (unavailable == null) {
            Program nft = Program.find("nft").orElseThrow();
            kernel = new Kernel(
                    new Links(Program.find("ip").orElseThrow(), name),
                    new Firewall(nft, new Rules(name), threads),
                    new HostPorts(),
                    nft,
                    threads);
            foreign = new ForeignFirewalls(nft, name);
        } else {
            kernel = null;
            foreign = null;
        }
    }

    /** Two engines of one host have tables of different names. */
    private static String digits(Path dataRoot) {
        try {
            byte[] path = dataRoot.toAbsolutePath().normalize().toString().getBytes(StandardCharsets.UTF_8);
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(path);
            return HexFormat.of().formatHex(digest, 0, 4);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable String missing() {
        if (Processes.effectiveUser() != 0) {
            return "the engine does not run as root: there are no networks but none and host";
        }
        if (!hasCapability(CAP_NET_ADMIN) || !hasCapability(CAP_SYS_ADMIN)) {
            return "the engine may not change networks here (a container needs CAP_NET_ADMIN and CAP_SYS_ADMIN for that):"
                    + " there are no networks but none and host";
        }
        for (String[] program : new String[][] {{"ip", "iproute2"}, {"nft", "nftables"}}) {
            if (Program.find(program[0]).isEmpty()) {
                return program[0] + " is not installed: there are no networks but none and host (apt-get install "
                        + program[1] + ")";
            }
        }
        return null;
    }

    private static boolean hasCapability(int number) {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("CapEff:"))
                    .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) >> number & 1) == 1);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public Optional<String> unavailable() {
        return Optional.ofNullable(unavailable);
    }

    @Override
    public Optional<String> warning() {
        return foreign == null ? Optional.empty() : foreign.warning();
    }

    private Kernel kernel() throws IOException {
        if (kernel == null) {
            throw new IOException(unavailable);
        }
        return kernel;
    }

    @Override
    public Map<String, Sandbox> restore(Collection<Bridge> all, Collection<Running> running) throws IOException {
        Kernel by = kernel();
        try {
            return onPlatformThread(() -> restoreNow(by, all, running));
        } catch (IOException e) {
            unavailable = e.getMessage() + ": there are no networks but none and host";
            throw e;
        }
    }

    private Map<String, Sandbox> restoreNow(Kernel by, Collection<Bridge> all, Collection<Running> running)
            throws IOException {
        Set<String> known = all.stream().map(Bridge::link).collect(Collectors.toSet());
        for (String link : by.links().made()) {
            if (!known.contains(link)) {
                by.links().remove(link);
            }
        }
        List<Bridge> made = new ArrayList<>();
        for (Bridge bridge : all) {
            try {
                prepareHost(bridge);
                by.links().make(bridge);
                made.add(bridge);
                bridges.put(bridge.networkId(), bridge);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.ERROR, "bridge " + bridge.link() + " cannot be made again", e);
            }
        }
        Map<String, Sandbox> adopted = new LinkedHashMap<>();
        List<Translation> translations = new ArrayList<>();
        for (Running container : running) {
            try {
                KernelSandbox sandbox = KernelSandbox.adopt(by, container);
                translations.addAll(sandbox.translations());
                sandboxes.add(sandbox);
                adopted.put(container.containerId(), sandbox);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "container " + container.containerId() + " is gone", e);
            }
        }
        by.firewall().restore(made, translations);
        agree();
        return adopted;
    }

    @Override
    public void create(Bridge bridge) throws IOException {
        Kernel by = kernel();
        onPlatformThread(() -> {
            prepareHost(bridge);
            by.links().make(bridge);
            try {
                by.firewall().add(bridge);
            } catch (IOException e) {
                by.links().remove(bridge.link());
                throw e;
            }
            bridges.put(bridge.networkId(), bridge);
            agree();
            return null;
        });
    }

    /** The host passes packets on, as dockerd has it do too. */
    private static void prepareHost(Bridge bridge) throws IOException {
        Sysctl.require("net/ipv4/ip_forward", "1");
        if (bridge.hasIpv6()) {
            Sysctl.require("net/ipv6/conf/all/forwarding", "1");
            Sysctl.require("net/ipv6/conf/default/forwarding", "1");
        }
    }

    @Override
    public void remove(Bridge bridge) throws IOException {
        Kernel by = kernel();
        onPlatformThread(() -> {
            bridges.remove(bridge.networkId());
            by.links().remove(bridge.link());
            by.firewall().remove(bridge);
            agree();
            return null;
        });
    }

    /** What other firewalls of the host are told depends on whether there is any bridge. */
    private void agree() {
        touched = true;
        if (foreign != null) {
            if (bridges.isEmpty()) {
                agreed.join();
                foreign.withdraw();
            } else {
                foreign.want();
                if (foreign.isStale()) {
                    agreed = CompletableFuture.runAsync(foreign::letPass, threads);
                }
            }
        }
    }

    @Override
    public Sandbox open(String containerId, List<Attachment> attachments, @Nullable Resolving resolving)
            throws IOException {
        KernelSandbox sandbox = KernelSandbox.open(kernel(), attachments, resolving, agreed);
        sandboxes.removeIf(KernelSandbox::isClosed);
        sandboxes.add(sandbox);
        if (foreign != null && foreign.isStale() && !attachments.isEmpty()) {
            threads.execute(foreign::letPass);
        }
        return sandbox;
    }

    @Override
    public Sandbox adopt(Running running) throws IOException {
        KernelSandbox sandbox = KernelSandbox.adopt(kernel(), running);
        sandboxes.removeIf(KernelSandbox::isClosed);
        sandboxes.add(sandbox);
        return sandbox;
    }

    /** Containers run on with all that they have; where none does, nothing stays but the forwarding of packets. */
    @Override
    public void close() {
        if (kernel != null) {
            sandboxes.removeIf(KernelSandbox::isClosed);
            sandboxes.forEach(KernelSandbox::detach);
            if (sandboxes.isEmpty() && touched) {
                leave(kernel);
            }
        }
        threads.shutdown();
    }

    /** As a SIGKILL leaves it. */
    void abandon() {
        sandboxes.forEach(KernelSandbox::detach);
    }

    /** The name of the table in nft. */
    String table() {
        return name;
    }

    private void leave(Kernel by) {
        try {
            onPlatformThread(() -> {
                for (String link : by.links().made()) {
                    by.links().remove(link);
                }
                by.firewall().clear();
                agreed.join();
                if (foreign != null) {
                    foreign.withdraw();
                }
                return null;
            });
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "bridges or rules stay behind", e);
        }
    }

    private <T> T onPlatformThread(NetworkNamespace.Work<T> work) throws IOException {
        return Waiting.on(CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return work.now();
                    } catch (IOException e) {
                        throw new CompletionException(e);
                    }
                },
                threads));
    }
}

package dev.capas.network.bridge;

import dev.capas.linux.DatagramFlows;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The engine's table in the kernel. Changes of what is published that come while {@code nft} runs are made together by its next run,
 * each after the ones before it.
 */
final class Firewall {
    private static final System.Logger LOG = System.getLogger(Firewall.class.getName());
    private static final List<String> FILE = List.of("-f", "-");

    private record Change(List<Translation> gone, List<Translation> come, CompletableFuture<Void> done) {}

    private final Program nft;
    private final Rules rules;
    private final ExecutorService threads;
    private final Map<String, Bridge> bridges = new LinkedHashMap<>();
    private final Map<String, Translation> translations = new LinkedHashMap<>();
    private List<Change> waiting = new ArrayList<>();
    private boolean busy;

    /**
     * Changes nothing yet.
     *
     * @param threads platform threads of the host's network namespace
     */
    Firewall(Program nft, Rules rules, ExecutorService threads) {
        this.nft = nft;
        this.rules = rules;
        this.threads = threads;
    }

    /** Takes the table over from an earlier daemon: what it has to be, in one step. */
    synchronized void restore(Collection<Bridge> all, Collection<Translation> published) throws IOException {
        bridges.clear();
        translations.clear();
        all.forEach(bridge -> bridges.put(bridge.link(), bridge));
        published.forEach(translation -> translations.put(id(translation), translation));
        write();
    }

    /** Adds the rules of a bridge. */
    synchronized void add(Bridge bridge) throws IOException {
        bridges.put(bridge.link(), bridge);
        try {
            write();
        } catch (IOException e) {
            bridges.remove(bridge.link());
            throw e;
        }
    }

    /** Removes the rules of a bridge; with the last one goes the table. */
    synchronized void remove(Bridge bridge) throws IOException {
        bridges.remove(bridge.link());
        write();
    }

    synchronized boolean isEmpty() {
        return bridges.isEmpty();
    }

    /** Removes the table. */
    synchronized void clear() throws IOException {
        nft.run(FILE, rules.none());
    }

    private void write() throws IOException {
        nft.run(FILE, bridges.isEmpty() ? rules.none() : rules.all(bridges.values(), translations.values()));
    }

    /** Begins to publish some and to end the publishing of others. */
    CompletableFuture<Void> change(List<Translation> gone, List<Translation> come) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (gone.isEmpty() && come.isEmpty()) {
            done.complete(null);
            return done;
        }
        synchronized (waitingLock) {
            waiting.add(new Change(gone, come, done));
            if (!busy) {
                busy = true;
                threads.execute(this::work);
            }
        }
        return done;
    }

    private final Object waitingLock = new Object();

    private void work() {
        while (true) {
            List<Change> batch;
            synchronized (waitingLock) {
                if (waiting.isEmpty()) {
                    busy = false;
                    return;
                }
                batch = waiting;
                waiting = new ArrayList<>();
            }
            try {
                apply(batch);
                batch.forEach(change -> change.done.complete(null));
            } catch (IOException | RuntimeException e) {
                batch.forEach(change -> change.done.completeExceptionally(e));
            }
        }
    }

    private synchronized void apply(List<Change> batch) throws IOException {
        StringBuilder script = new StringBuilder();
        for (Change change : batch) {
            for (Translation translation : change.gone) {
                if (translations.remove(id(translation), translation)) {
                    script.append(rules.delete(translation));
                }
            }
            for (Translation translation : change.come) {
                translations.put(id(translation), translation);
                script.append(rules.add(translation));
            }
        }
        if (script.isEmpty()) {
            return;
        }
        try {
            nft.run(FILE, script.toString());
        } catch (IOException e) {
            // somebody has flushed or changed the table: all of it is made again
            write();
        }
        forgetFlows(batch);
    }

    /** Datagrams that come to a port without a pause would go for ever where the first of them went. */
    private static void forgetFlows(List<Change> batch) {
        Set<PublishedPort> changed = batch.stream()
                .flatMap(change -> Stream.concat(change.gone.stream(), change.come.stream()))
                .map(Translation::published)
                .filter(port -> port.protocol() == Protocol.UDP)
                .collect(Collectors.toSet());
        if (changed.isEmpty()) {
            return;
        }
        try {
            DatagramFlows.forget(flow -> changed.stream().anyMatch(port -> leads(flow, port)));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "datagrams may go on to where published ports led before", e);
        }
    }

    private static boolean leads(DatagramFlows.Destination flow, PublishedPort port) {
        if (flow.port() != port.hostPort()) {
            return false;
        }
        return port.hostAddress().isAnyLocalAddress()
                ? isOfHost(flow.address())
                : flow.address().equals(port.hostAddress());
    }

    private static boolean isOfHost(InetAddress address) {
        try {
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return false;
        }
    }

    private static String id(Translation translation) {
        return translation.map() + " " + translation.key();
    }
}

package dev.capas.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.daemon.Stores;
import dev.capas.errdefs.EngineException;
import dev.capas.layer.tar.Tar;
import dev.capas.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Two who want opposite things of one layer at the same moment: one of them wins, and neither an orphan nor half a tree is left.
 * {@code -Dcapas.races=3000} is for a longer run by hand.
 */
@ParameterizedClass
@EnumSource(Stores.Database.class)
class LayerRacesTest {
    private static final int ROUNDS = Integer.getInteger("capas.races", 50);
    private static final byte[] TAR =
            Tar.of(Tar.file("a", "some content"), Tar.directory("d/"), Tar.file("d/b", "more"), Tar.link("c", "a"));
    private static final Digest LAYER = Digest.ofContent(TAR);
    private static final long LATEST_NANOS = 400_000;

    private static Stores stores;

    @Parameter
    Stores.Database database;

    private static ExecutorService threads;

    @BeforeParameterizedClassInvocation
    static void open(Stores.Database database) throws IOException {
        stores = Stores.open(database);
        threads = Executors.newFixedThreadPool(4);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        threads.close();
        stores.close();
    }

    private static void add(Lease lease) throws IOException {
        assertThat(stores.layers()
                        .add(new ByteArrayInputStream(TAR), LAYER, null, lease)
                        .diffId())
                .isEqualTo(LAYER);
    }

    /** Runs all at the same moment, give or take a little, and returns what they returned. */
    private static <T> List<T> atOnce(List<Callable<T>> actions) throws Exception {
        CyclicBarrier start = new CyclicBarrier(actions.size());
        List<Future<T>> running = new ArrayList<>();
        for (Callable<T> action : actions) {
            long delay = ThreadLocalRandom.current().nextLong(LATEST_NANOS);
            running.add(threads.submit(() -> {
                start.await();
                for (long end = System.nanoTime() + delay; System.nanoTime() < end; ) {
                    Thread.onSpinWait();
                }
                return action.call();
            }));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> one : running) {
            results.add(one.get());
        }
        return results;
    }

    /** The layer is wholly here, or not at all. */
    private static void check(boolean here) throws IOException {
        assertThat(stores.layers().find(LAYER).isPresent()).isEqualTo(here);
        assertThat(stores.names("layers/sha256")).hasSize(here ? 1 : 0);
        if (here) {
            try (DigestOutputStream tar = new DigestOutputStream(OutputStream.nullOutputStream(), Digest.sha256())) {
                stores.layers().writeTar(LAYER, tar);
                assertThat(Digest.of(tar.getMessageDigest().digest())).isEqualTo(LAYER);
            }
        }
    }

    private static boolean refer(String image) {
        try {
            stores.get(TransactionTemplate.class).executeWithoutResult(status -> {
                stores.layers().lockForReference(List.of(LAYER));
                stores.rows()
                        .sql("insert into image (id, config) values (?, ?)")
                        .params(image, new byte[0])
                        .update();
                stores.rows()
                        .sql("insert into image_layer (image, position, layer) values (?, 0, ?)")
                        .params(image, LAYER.hex())
                        .update();
            });
            return true;
        } catch (EngineException e) {
            assertThat(e).hasMessage("layer does not exist: " + LAYER);
            return false;
        }
    }

    private static void removeReference(String image) {
        stores.rows()
                .sql("delete from image_layer where image = ?")
                .param(image)
                .update();
        stores.rows().sql("delete from image where id = ?").param(image).update();
        assertThat(stores.layers().collect(List.of(LAYER))).hasSize(1);
    }

    /** The first two rounds come one after the other, so that both orders are seen; the rest race. */
    @Test
    void collectingBesideReferencing() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String image = "image" + round;
            Lease lease = stores.layers().lease("race");
            add(lease);
            boolean won;
            if (round == 0) {
                won = refer(image);
                lease.close();
                assertThat(won).as("refers before the collection").isTrue();
            } else if (round == 1) {
                lease.close();
                won = refer(image);
                assertThat(won).as("refers after the collection").isFalse();
            } else {
                won = atOnce(List.<Callable<Boolean>>of(
                                () -> {
                                    lease.close();
                                    return true;
                                },
                                () -> refer(image)))
                        .get(1);
            }
            check(won);
            if (won) {
                removeReference(image);
            }
        }
        assertThat(stores.faults()).isEmpty();
    }

    @Test
    void collectingBesideCreatingAContainer() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String id = UUID.randomUUID().toString();
            Path directory = Files.createDirectories(
                    stores.home().dataRoot().resolve("containers").resolve(id));
            Lease lease = stores.layers().lease("race");
            add(lease);
            List<Object> results = atOnce(List.of(
                    () -> {
                        lease.close();
                        return true;
                    },
                    () -> {
                        try {
                            return stores.layers().createReadWriteLayer(id, directory, List.of(LAYER));
                        } catch (EngineException e) {
                            assertThat(e).hasMessage("layer does not exist: " + LAYER);
                            return false;
                        }
                    }));
            check(results.get(1) instanceof ReadWriteLayer);
            if (results.get(1) instanceof ReadWriteLayer made) {
                made.remove();
                for (int wait = 0; wait < 5000 && !stores.names("layers/sha256").isEmpty(); wait++) {
                    Thread.sleep(1);
                }
            }
            check(false);
        }
        assertThat(stores.faults()).isEmpty();
    }

    @Test
    void removingBesideAddingTheSameLayer() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease old = stores.layers().lease("old");
            Lease fresh = stores.layers().lease("fresh");
            add(old);
            atOnce(List.<Callable<Boolean>>of(
                    () -> {
                        old.close();
                        return true;
                    },
                    () -> {
                        add(fresh);
                        return true;
                    }));
            check(true);
            fresh.close();
            check(false);
        }
        assertThat(stores.faults()).isEmpty();
    }

    @Test
    void addingOneLayerTwiceAtOnce() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease first = stores.layers().lease("first");
            Lease second = stores.layers().lease("second");
            atOnce(List.<Callable<Boolean>>of(
                    () -> {
                        add(first);
                        return true;
                    },
                    () -> {
                        add(second);
                        return true;
                    }));
            check(true);
            atOnce(List.<Callable<Boolean>>of(
                    () -> {
                        first.close();
                        return true;
                    },
                    () -> {
                        second.close();
                        return true;
                    }));
            check(false);
        }
        assertThat(stores.faults()).isEmpty();
    }

    /** Layers are locked by many in one order only, also by the background work that notes what is on the disk. */
    @Test
    void nobodyWaitsInACircle() throws Exception {
        List<Digest> all = new ArrayList<>();
        try (Lease lease = stores.layers().lease("many")) {
            for (int number = 0; number < 20; number++) {
                byte[] tar = Tar.of(Tar.file("number", Integer.toString(number)));
                all.add(stores.layers()
                        .add(new ByteArrayInputStream(tar), null, null, lease)
                        .diffId());
            }
            for (int round = 0; round < ROUNDS / 10; round++) {
                stores.rows().sql("update layer set synced = false").update();
                Callable<Boolean> locking = () -> {
                    for (int turn = 0; turn < 5; turn++) {
                        stores.get(TransactionTemplate.class)
                                .executeWithoutResult(status -> stores.layers().lockForReference(all));
                    }
                    return true;
                };
                Callable<Boolean> adding = () -> {
                    add(lease);
                    stores.rows()
                            .sql("delete from lease_layer where layer = ?")
                            .param(LAYER.hex())
                            .update();
                    stores.layers().collect(List.of(LAYER));
                    return true;
                };
                atOnce(List.of(locking, adding, locking));
            }
            add(lease);
            for (int wait = 0; wait < 5000 && stores.unsynced() > 0; wait++) {
                Thread.sleep(1);
            }
            assertThat(stores.unsynced()).isZero();
        }
        assertThat(stores.faults()).isEmpty();
    }
}

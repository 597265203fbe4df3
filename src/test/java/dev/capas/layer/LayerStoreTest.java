package dev.capas.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.daemon.Stores;
import dev.capas.e2e.Command;
import dev.capas.errdefs.EngineException;
import dev.capas.layer.tar.Tar;
import dev.capas.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.dao.DataIntegrityViolationException;

/** What {@link LayerStore} promises, on each database. */
@ParameterizedClass
@EnumSource(Stores.Database.class)
class LayerStoreTest {
    private static final byte[] ONE = Tar.of(Tar.file("one", "1"), Tar.symlink("link", "one"));
    private static final byte[] TWO = Tar.of(Tar.file("two", "22"));

    private static Stores stores;

    @Parameter
    Stores.Database database;

    @BeforeParameterizedClassInvocation
    static void open(Stores.Database database) throws IOException {
        stores = Stores.open(database);
    }

    @AfterParameterizedClassInvocation
    static void close() {
        stores.close();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(stores.layers().all()).isEmpty();
        assertThat(stores.faults()).isEmpty();
    }

    private static Layer add(byte[] tar, Lease lease) throws IOException {
        return stores.layers().add(new ByteArrayInputStream(tar), null, null, lease);
    }

    private static byte[] tarOf(Digest diffId) throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        stores.layers().writeTar(diffId, tar);
        return tar.toByteArray();
    }

    private static ReadWriteLayer container(Digest... stack) throws IOException {
        String id = UUID.randomUUID().toString();
        Path directory = Files.createDirectories(
                stores.home().dataRoot().resolve("containers").resolve(id));
        return stores.layers().createReadWriteLayer(id, directory, List.of(stack));
    }

    @Test
    void whatIsAddedIsKnownAndComesBack() throws IOException {
        try (Lease lease = stores.layers().lease("test")) {
            Layer one = add(ONE, lease);
            assertThat(one.diffId()).isEqualTo(Digest.ofContent(ONE));
            assertThat(one.size()).isEqualTo(1 + 3);
            assertThat(one.tarSize()).isEqualTo(ONE.length);
            assertThat(one.files()).isEqualTo(2);
            assertThat(one.compressedSize()).isNull();
            assertThat(one.diskUsage()).isPositive();
            assertThat(stores.layers().find(one.diffId())).contains(one);
            Layer two = add(TWO, lease);
            assertThat(stores.layers().all()).containsExactlyInAnyOrder(one, two);
            assertThat(stores.layers().findAll(List.of(two.diffId(), Digest.ofContent(new byte[1]))))
                    .containsExactly(two);
            assertThat(tarOf(one.diffId())).isEqualTo(ONE);
        }
        assertThat(stores.layers().find(Digest.ofContent(ONE))).isEmpty();
    }

    @Test
    void aLayerThatIsHereIsReadAndKept() throws IOException {
        try (Lease lease = stores.layers().lease("test")) {
            Layer first = add(ONE, lease);
            Layer again = stores.layers().add(new ByteArrayInputStream(ONE), first.diffId(), 99L, lease);
            assertThat(again.created()).isEqualTo(first.created());
            assertThat(again.compressedSize()).isEqualTo(99);
            Layer third = stores.layers().add(new ByteArrayInputStream(ONE), null, 77L, lease);
            assertThat(third.compressedSize()).isEqualTo(99);
        }
    }

    @Test
    void whatIsWrongLeavesNothing() {
        try (Lease lease = stores.layers().lease("test")) {
            assertThatThrownBy(() ->
                            stores.layers().add(new ByteArrayInputStream(ONE), Digest.ofContent(TWO), null, lease))
                    .isInstanceOf(EngineException.class)
                    .hasMessage("invalid diffID: expected \"" + Digest.ofContent(TWO) + "\", got \""
                            + Digest.ofContent(ONE) + "\"");
            assertThatThrownBy(() -> add(Arrays.copyOf(ONE, 700 - 512), lease)).hasMessage("unexpected EOF");
            InputStream breaking = new SequenceInputStream(new ByteArrayInputStream(ONE, 0, 1024), new InputStream() {
                @Override
                public int read() throws IOException {
                    throw new IOException("the line is dead");
                }
            });
            assertThatThrownBy(() -> stores.layers().add(breaking, null, null, lease))
                    .hasMessage("the line is dead");
        }
    }

    @Test
    void aLayerOfAnEndedLeaseIsNotKept() throws Exception {
        Lease lease = stores.layers().lease("test");
        lease.close();
        assertThatThrownBy(() -> add(ONE, lease)).isInstanceOf(RuntimeException.class);
        assertThat(stores.names("layers/sha256")).isEmpty();
    }

    @Test
    void leasesHoldIndependently() throws IOException {
        Lease first = stores.layers().lease("first");
        Lease second = stores.layers().lease("second");
        Digest one = add(ONE, first).diffId();
        assertThat(stores.layers().hold(one, second)).isTrue();
        assertThat(stores.layers().hold(one, second)).isTrue();
        assertThat(stores.layers().hold(Digest.ofContent(TWO), second)).isFalse();
        first.close();
        first.close();
        assertThat(stores.layers().collect(List.of(one))).isEmpty();
        assertThat(stores.layers().find(one)).isPresent();
        second.close();
        assertThat(stores.layers().find(one)).isEmpty();
    }

    @Test
    void aContainerHoldsItsStack() throws Exception {
        ReadWriteLayer container;
        Digest one;
        Digest two;
        try (Lease lease = stores.layers().lease("test")) {
            one = add(ONE, lease).diffId();
            two = add(TWO, lease).diffId();
            container = container(one, two, one);
        }
        assertThat(container.stack()).containsExactly(one, two, one);
        assertThat(stores.layers().collect(List.of(one, two))).isEmpty();
        stores.restart();
        String id = container.upper().getParent().getFileName().toString();
        ReadWriteLayer again = stores.layers().readWriteLayers().get(id);
        assertThat(again.stack()).containsExactly(one, two, one);
        Files.createDirectories(again.upper());
        assertThat(again.size()).isZero();
        again.remove();
        awaitNothing();
        assertThat(stores.layers().readWriteLayers()).doesNotContainKey(id);
    }

    @Test
    void aStackWithAMissingLayerIsRefused() throws IOException {
        try (Lease lease = stores.layers().lease("test")) {
            Digest one = add(ONE, lease).diffId();
            Digest missing = Digest.ofContent(TWO);
            assertThatThrownBy(() -> container(one, missing)).hasMessage("layer does not exist: " + missing);
        }
        assertThat(stores.rows()
                        .sql("select count(*) from read_write_layer")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void theDatabaseItselfKeepsWhatIsReferredTo() throws IOException {
        try (Lease lease = stores.layers().lease("test")) {
            Digest one = add(ONE, lease).diffId();
            assertThatThrownBy(() -> stores.rows()
                            .sql("delete from layer where diff_id = ?")
                            .param(one.hex())
                            .update())
                    .isInstanceOf(DataIntegrityViolationException.class);
        }
    }

    @Test
    void aStartRemovesWhatTheRunBeforeLeft() throws Exception {
        add(ONE, stores.layers().lease("of a run that ends"));
        stores.restartAfter(() -> {
            try {
                Path dataRoot = stores.home().dataRoot();
                Files.createDirectories(dataRoot.resolve("layers/sha256")
                        .resolve(Digest.ofContent(TWO).hex()));
                Files.createDirectories(dataRoot.resolve("staging/half/diff"));
                Files.createDirectories(dataRoot.resolve("trash/old/diff"));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        assertThat(stores.layers().all()).isEmpty();
        assertThat(stores.rows()
                        .sql("select count(*) from lease")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void whatAPowerCutMayHaveTakenIsVerified() throws Exception {
        byte[] three = Tar.of(Tar.pax(Map.of("path", "d/".repeat(1500) + "three"), Tar.file("x", "333")));
        ReadWriteLayer container;
        try (Lease lease = stores.layers().lease("test")) {
            container = container(
                    add(ONE, lease).diffId(),
                    add(TWO, lease).diffId(),
                    add(three, lease).diffId());
        }
        awaitSync();
        stores.rows()
                .sql("update layer set synced = false, boot_id = 'another'")
                .update();
        stores.restartAfter(() -> {
            Command.run(
                            "sh",
                            "-ec",
                            "printf 2 >\"$0\"",
                            tree(ONE).resolve("one").toString())
                    .ok();
            Command.run("rm", "-r", tree(three).resolve("d").toString()).ok();
        });
        assertThat(damage(ONE)).startsWith("its digest is now sha256:");
        assertThat(damage(TWO)).isNull();
        assertThat(damage(three)).contains("d/d/d").hasSize(1024);
        container = stores.layers()
                .readWriteLayers()
                .get(container.upper().getParent().getFileName().toString());
        container.remove();
        awaitNothing();
    }

    private static Path tree(byte[] tar) {
        return stores.home()
                .dataRoot()
                .resolve("layers/sha256")
                .resolve(Digest.ofContent(tar).hex())
                .resolve("diff");
    }

    private static @Nullable String damage(byte[] tar) {
        return stores.layers().find(Digest.ofContent(tar)).orElseThrow().damaged();
    }

    /** What was added is synced in the background, and would be marked so after the test has marked it otherwise. */
    private static void awaitSync() throws InterruptedException {
        for (int wait = 0; wait < 500 && stores.unsynced() > 0; wait++) {
            Thread.sleep(10);
        }
        assertThat(stores.unsynced()).isZero();
    }

    /** A container's layers are collected in the background: the row goes first, and then the directory. */
    private static void awaitNothing() throws Exception {
        for (int wait = 0;
                wait < 500
                        && !(stores.layers().all().isEmpty() && stores.faults().isEmpty());
                wait++) {
            Thread.sleep(10);
        }
    }
}

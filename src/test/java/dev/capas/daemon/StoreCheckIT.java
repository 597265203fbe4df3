package dev.capas.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.e2e.Command;
import dev.capas.e2e.Docker;
import dev.capas.e2e.Engine;
import dev.capas.e2e.Rootfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** Each kind of damage to a store is found, and nothing else. */
class StoreCheckIT {
    @TempDir
    private static Path whole;

    @TempDir
    private Path directory;

    private static String layer;
    private static String container;

    private Path data;

    @BeforeAll
    static void makeStore() throws Exception {
        try (Engine engine = Engine.start()) {
            Docker docker = engine.docker();
            docker.run(Rootfs.busybox(), "import", "-", "busybox:latest").ok();
            container = docker.ok("run", "-d", "busybox", "sh", "-c", "echo 12345 >/file; ln -s file /link");
            docker.ok("wait", container);
            docker.ok("commit", container, "made:1");
            docker.ok("ps", "-as");
            layer = docker.ok("inspect", "-f", "{{index .RootFS.Layers 1}}", "made:1")
                    .substring("sha256:".length());
            engine.stop();
            Command.run("cp", "-a", engine.directory().resolve("data").toString(), whole.toString())
                    .ok();
            assertThat(engine.fsck().ok()).isEqualTo("everything is as it should be\n");
            Files.delete(engine.directory().resolve("data/layers/sha256/" + layer + "/diff/link"));
            assertThat(engine.fsck().code()).isEqualTo(1);
            engine.restart();
        }
    }

    @AfterAll
    static void removeStore() {
        Command.run("rm", "-rf", whole.resolve("data").toString());
    }

    @BeforeEach
    void copyStore() {
        Command.run("cp", "-a", whole.resolve("data").toString(), directory.toString())
                .ok();
        data = directory.resolve("data");
    }

    private StoreCheck.Findings check() throws IOException {
        try (SingleConnectionDataSource database = database()) {
            return StoreCheck.check(JdbcClient.create(database), data);
        }
    }

    private SingleConnectionDataSource database() {
        return new SingleConnectionDataSource("jdbc:h2:file:" + data.resolve("db/capas"), "capas", "", true);
    }

    private void change(String statement) {
        try (SingleConnectionDataSource database = database()) {
            assertThat(JdbcClient.create(database).sql(statement).update()).isPositive();
        }
    }

    private Path diff() {
        return data.resolve("layers/sha256/" + layer + "/diff");
    }

    @Test
    void aWholeStoreHasNoDifferences() throws IOException {
        StoreCheck.Findings findings = check();
        assertThat(findings.differences()).isEmpty();
        assertThat(findings.leftovers()).isEmpty();
    }

    @Test
    void aChangedByte() throws IOException {
        Files.writeString(diff().resolve("file"), "12346\n");
        assertThat(check().differences())
                .singleElement()
                .asString()
                .startsWith("layer " + layer + ": its digest is now sha256:");
    }

    @Test
    void aMissingFile() throws IOException {
        Files.delete(diff().resolve("file"));
        assertThat(check().differences())
                .singleElement()
                .asString()
                .startsWith("layer " + layer + ": cannot be read: ")
                .contains("file: no such file or directory");
    }

    @Test
    void aMissingLink() throws IOException {
        Files.delete(diff().resolve("link"));
        assertThat(check().differences())
                .containsExactly(
                        "layer " + layer + ": its size is now 6, not 10", "layer " + layer + ": link is missing");
    }

    @Test
    void aFileTooMany() throws IOException {
        Files.createFile(diff().resolve("more"));
        assertThat(check().differences()).containsExactly("layer " + layer + ": more is not known to its journal");
    }

    @Test
    void aRowWithoutATree() {
        Command.run("rm", "-r", diff().getParent().toString()).ok();
        assertThat(checked().differences()).containsExactly("layer " + layer + ": its directory is missing");
    }

    @Test
    void aTreeWithoutARow() throws IOException {
        Files.createDirectories(data.resolve("layers/sha256/" + "0".repeat(64) + "/diff"));
        assertThat(check().differences())
                .containsExactly("layers/sha256/" + "0".repeat(64) + ": no layer has this directory");
    }

    @ParameterizedTest
    @CsvSource({"size, its size is now 10", "tar_size, its tar is now 2560", "files, the number of its entries is now 2"
    })
    void aWrongFigure(String column, String words) {
        change("update layer set " + column + " = 7 where diff_id = '" + layer + "'");
        assertThat(checked().differences()).containsExactly("layer " + layer + ": " + words + ", not 7");
    }

    @Test
    void aContainerOfAnotherSize() throws IOException {
        Files.writeString(data.resolve("containers/" + container + "/upper/file"), "1");
        assertThat(check().differences())
                .containsExactly("container " + container + ": the size of its read-write layer is now 5, not 10");
    }

    @Test
    void aContainerWithoutADirectoryAndADirectoryWithoutAContainer() throws IOException {
        Files.move(
                data.resolve("containers/" + container),
                data.resolve("containers/" + container).resolveSibling("stray"));
        assertThat(check().differences())
                .containsExactly(
                        "container " + container + ": its read-write layer is missing",
                        "containers/stray: no container has this directory");
    }

    @Test
    void anImageWhoseRowsAndConfigurationDiffer() {
        change("update image_layer set layer = '" + layer + "'");
        assertThat(checked().differences())
                .hasSize(2)
                .allMatch(found -> found.endsWith("its rows name other layers than its configuration"));
        change(
                "update image set config = x'7b7d' where id in (select image from image_reference where name like '%made%')");
        assertThat(checked().differences())
                .anyMatch(found -> found.contains("its configuration has the digest sha256:"));
    }

    @Test
    void aReferenceToNothing() {
        try (SingleConnectionDataSource database = database()) {
            JdbcClient client = JdbcClient.create(database);
            client.sql("set referential_integrity false").update();
            client.sql("delete from layer where diff_id = '" + layer + "'").update();
        }
        assertThat(checked().differences())
                .containsExactly(
                        "layers/sha256/" + layer + ": no layer has this directory",
                        "image_layer: refers to layer " + layer + ", which is not here");
    }

    @Test
    void whatWasNotFinishedIsLeftOver() throws IOException {
        Files.createDirectories(data.resolve("staging/one"));
        Files.createDirectories(data.resolve("trash/two"));
        assertThat(check().leftovers()).containsExactly("staging/one", "trash/two");
        assertThat(check().differences()).isEmpty();
    }

    private StoreCheck.Findings checked() {
        try {
            return check();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}

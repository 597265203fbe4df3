package dev.capas.layer;

import dev.capas.daemon.Stores;
import dev.capas.e2e.Command;
import dev.capas.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Layers and containers made for one test, on real overlay mounts, and taken down with it. */
final class Trees implements AutoCloseable {
    private final Stores stores;
    private final Lease lease;
    private final Deque<ReadWriteLayer> containers = new ArrayDeque<>();

    Trees(Stores stores) {
        this.stores = stores;
        this.lease = stores.layers().lease("test");
    }

    Lease lease() {
        return lease;
    }

    Layer layer(byte[] tar) throws IOException {
        return stores.layers().add(new ByteArrayInputStream(tar), null, null, lease);
    }

    /** The layer of the tree that a shell script makes where it stands. */
    Layer layer(String script) throws IOException {
        return layer(tar(script));
    }

    /** What GNU tar writes of the tree that a shell script makes where it stands. */
    static byte[] tar(String script) throws IOException {
        Path tree = Files.createTempDirectory("tree");
        Path archive = Files.createTempFile("tree", ".tar");
        try {
            shell(tree, script);
            Command.run("tar", "-C", tree.toString(), "--numeric-owner", "--sort=name", "-cf", archive.toString(), ".")
                    .ok();
            return Files.readAllBytes(archive);
        } finally {
            Command.run("rm", "-rf", tree.toString(), archive.toString()).ok();
        }
    }

    /** A container on these layers, bottom first, mounted. */
    ReadWriteLayer mounted(Layer... stack) throws IOException {
        String id = UUID.randomUUID().toString();
        Path directory = Files.createDirectories(
                stores.home().dataRoot().resolve("containers").resolve(id));
        List<Digest> diffIds = List.of(stack).stream().map(Layer::diffId).toList();
        ReadWriteLayer container = stores.layers().createReadWriteLayer(id, directory, diffIds);
        containers.push(container);
        container.mount();
        return container;
    }

    /** A container on these layers in which a shell script has run at the root; unmounted again. */
    ReadWriteLayer after(String script, Layer... stack) throws IOException {
        ReadWriteLayer container = mounted(stack);
        shell(container.mountPoint(), script);
        container.unmount();
        return container;
    }

    byte[] tarOf(Layer layer) throws IOException {
        ByteArrayOutputStream tar = new ByteArrayOutputStream();
        stores.layers().writeTar(layer.diffId(), tar);
        return tar.toByteArray();
    }

    /** The output of a shell script that runs in the directory. */
    static String shell(Path directory, String script) {
        return Command.run(
                        List.of("sh", "-euc", "umask 022; cd \"$0\"\n" + script, directory.toString()),
                        new byte[0],
                        Map.of("LC_ALL", "C"))
                .ok();
    }

    @Override
    public void close() throws IOException {
        for (ReadWriteLayer container : containers) {
            container.remove();
        }
        lease.close();
    }
}

package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every verb of dockerode, the library for Node.js, but for those of swarms, plugins, checkpoints and builds. */
class DockerodeIT {
    private static final Path LIBRARY = Path.of(".capas/dockerode/node_modules").toAbsolutePath();

    @Test
    void everyVerbWorks() throws Exception {
        try (Engine engine = Engine.start()) {
            byte[] archive = ImageTar.tar(ImageTar.files("box:1", Rootfs.busybox()));
            engine.docker().run(archive, "load").ok();
            Path file = Files.write(engine.directory().resolve("box.tar"), archive);
            Command.Result walk = Command.run(
                    List.of(
                            "node",
                            "src/test/clients/dockerode/walk.js",
                            engine.docker().socket().toString(),
                            "box:1",
                            file.toString()),
                    new byte[0],
                    Map.of("NODE_PATH", LIBRARY.toString()));
            assertThat(walk.ok().lines())
                    .containsExactly(
                            "Container.copy",
                            "Container.createCheckpoint",
                            "Container.deleteCheckpoint",
                            "Container.listCheckpoint",
                            "Docker.buildImage",
                            "Docker.createConfig",
                            "Docker.createPlugin",
                            "Docker.createSecret",
                            "Docker.createService",
                            "Docker.followProgress",
                            "Docker.getConfig",
                            "Docker.getExec",
                            "Docker.getNode",
                            "Docker.getPlugin",
                            "Docker.getSecret",
                            "Docker.getService",
                            "Docker.getTask",
                            "Docker.listPlugins",
                            "Docker.pruneBuilder",
                            "Docker.runCallback",
                            "Docker.searchImages",
                            "Docker.swarmInit",
                            "Docker.swarmJoin",
                            "Docker.swarmLeave",
                            "Docker.swarmUpdate");
        }
    }
}

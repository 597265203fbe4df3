package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.LoadImageCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.PruneType;
import com.github.dockerjava.api.model.Statistics;
import com.github.dockerjava.api.model.Volume;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** docker-java, the library below Testcontainers and others. */
class DockerJavaIT {
    /** What this engine has not, and a search, which asks Docker's own registry alone. */
    private static final Pattern NOT_HERE =
            Pattern.compile(".*(Swarm|Service|Task|Secret|Config).*|authConfig|searchImagesCmd|buildImageCmd|close");

    private static final String NOBODY = "127.0.0.1:1/none";

    private static final Set<String> CALLED = new TreeSet<>();
    private static Engine engine;
    private static DockerClient client;

    @BeforeAll
    static void start() throws Exception {
        engine = Engine.start();
        var config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost("unix://" + engine.docker().socket())
                .withDockerConfig(engine.directory().toString())
                .build();
        DockerClient real = DockerClientImpl.getInstance(
                config,
                new ZerodepDockerHttpClient.Builder()
                        .dockerHost(URI.create("unix://" + engine.docker().socket()))
                        .build());
        client = (DockerClient) Proxy.newProxyInstance(
                DockerJavaIT.class.getClassLoader(), new Class<?>[] {DockerClient.class}, (proxy, verb, arguments) -> {
                    CALLED.add(verb.getName());
                    try {
                        return verb.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @AfterAll
    static void stop() throws Exception {
        client.close();
        engine.close();
    }

    @Test
    void hasEveryVerb() throws Exception {
        system();
        images();
        containers();
        files();
        streams();
        execs();
        volumes();
        networks();
        Set<String> silent = new TreeSet<>(Arrays.stream(DockerClient.class.getMethods())
                .map(Method::getName)
                .toList());
        silent.removeIf(verb -> CALLED.contains(verb) || NOT_HERE.matcher(verb).matches());
        assertThat(silent).as("never called").isEmpty();
        assertThat(CALLED).hasSizeGreaterThan(45);
    }

    private static void system() {
        client.pingCmd().exec();
        assertThat(client.versionCmd().exec().getApiVersion()).isNotEmpty();
        assertThat(client.infoCmd().exec().getOsType()).isEqualTo("linux");
        assertThatThrownBy(() -> client.authCmd()
                        .withAuthConfig(new AuthConfig()
                                .withUsername("me")
                                .withPassword("secret")
                                .withRegistryAddress("127.0.0.1:1"))
                        .exec())
                .isInstanceOf(DockerException.class);
    }

    private static void images() throws Exception {
        byte[] archive = ImageTar.tar(ImageTar.files("box:1", Rootfs.busybox()));
        assertThat(client.loadImageAsyncCmd(new ByteArrayInputStream(archive))
                        .exec(new LoadImageCallback())
                        .awaitMessage())
                .contains("box:1");
        assertThatThrownBy(() -> client.createImageCmd("box", new ByteArrayInputStream(archive))
                        .exec())
                .as("this library sends what dockerd does not understand either")
                .isInstanceOf(DockerException.class)
                .hasMessageContaining("unexpected EOF");
        String id = client.inspectImageCmd("box:1").exec().getId();
        client.tagImageCmd(id, "other", "2").exec();
        assertThat(client.inspectImageCmd("other:2").exec().getId()).isEqualTo(id);
        assertThat(client.imageHistoryCmd("box:1").exec()).isEmpty();
        byte[] saved;
        try (InputStream one = client.saveImageCmd("other:2").exec();
                InputStream both = client.saveImagesCmd()
                        .withImage("box", "1")
                        .withImage("other", "2")
                        .exec()) {
            saved = one.readAllBytes();
            assertThat(both.readAllBytes()).hasSizeGreaterThan(archive.length / 2);
        }
        client.removeImageCmd("other:2").exec();
        assertThatThrownBy(() -> client.inspectImageCmd("other:2").exec()).isInstanceOf(NotFoundException.class);
        client.loadImageCmd(new ByteArrayInputStream(saved)).exec();
        // it does not wait for the end
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (client.listImagesCmd().withReferenceFilter("other").exec().isEmpty()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(20);
        }
        assertThatThrownBy(
                        () -> client.pullImageCmd(NOBODY).withTag("1").start().awaitCompletion())
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining("connection refused");
        client.tagImageCmd(id, NOBODY, "1").exec();
        assertThatThrownBy(() -> client.pushImageCmd(NOBODY + ":1").start().awaitCompletion())
                .isInstanceOf(RuntimeException.class)
                .hasMessageContaining("push");
        client.removeImageCmd(NOBODY + ":1").exec();
        client.removeImageCmd("other:2").exec();
        assertThat(client.pruneCmd(PruneType.IMAGES).exec().getSpaceReclaimed()).isZero();
    }

    private static String started(String... command) {
        String id = client.createContainerCmd("box:1")
                .withCmd(command)
                .withHostConfig(HostConfig.newHostConfig().withNetworkMode("none"))
                .exec()
                .getId();
        client.startContainerCmd(id).exec();
        return id;
    }

    private static int ending(String id) {
        return client.waitContainerCmd(id).start().awaitStatusCode();
    }

    private static void containers() throws Exception {
        String id = client.createContainerCmd("box:1")
                .withName("java")
                .withLabels(Map.of("java", "1"))
                .withCmd("sleep", "600")
                .withHostConfig(
                        HostConfig.newHostConfig().withNetworkMode("none").withMemory(64L << 20))
                .exec()
                .getId();
        client.startContainerCmd(id).exec();
        assertThat(client.listContainersCmd().withLabelFilter(List.of("java")).exec())
                .singleElement()
                .satisfies(container -> assertThat(container.getId()).isEqualTo(id));
        assertThat(client.topContainerCmd(id).exec().getProcesses()).hasDimensions(1, 8);
        BlockingQueue<Statistics> statistics = new LinkedBlockingQueue<>();
        try (var stream = client.statsCmd(id).exec(new Queue<>(statistics))) {
            assertThat(next(statistics).getMemoryStats().getUsage()).isPositive();
        }
        client.pauseContainerCmd(id).exec();
        assertThat(client.inspectContainerCmd(id).exec().getState().getPaused()).isTrue();
        client.unpauseContainerCmd(id).exec();
        client.renameContainerCmd(id).withName("renamed").exec();
        client.updateContainerCmd(id)
                .withMemory(80L << 20)
                .withMemorySwap(160L << 20)
                .exec();
        assertThat(client.inspectContainerCmd("renamed").exec().getHostConfig().getMemory())
                .isEqualTo(80L << 20);
        client.restartContainerCmd(id).withTimeout(0).exec();
        client.killContainerCmd(id).withSignal("KILL").exec();
        assertThat(ending(id)).isEqualTo(137);
        client.startContainerCmd(id).exec();
        client.stopContainerCmd(id).withTimeout(0).exec();
        client.removeContainerCmd(id).exec();
        assertThatThrownBy(() -> client.inspectContainerCmd(id).exec()).isInstanceOf(NotFoundException.class);
    }

    private static void files() throws Exception {
        String id = started("sleep", "600");
        Path file = Files.writeString(engine.directory().resolve("hello"), "hello\n");
        client.copyArchiveToContainerCmd(id)
                .withHostResource(file.toString())
                .withRemotePath("/tmp")
                .exec();
        try (InputStream one =
                        client.copyArchiveFromContainerCmd(id, "/tmp/hello").exec();
                InputStream old = client.copyArchiveFromContainerCmd(id, "/tmp").exec();
                InputStream all = client.exportContainerCmd(id).exec()) {
            assertThat(new String(one.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .contains("hello\n");
            assertThat(new String(old.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .contains("tmp/hello");
            assertThat(new String(all.readAllBytes(), StandardCharsets.ISO_8859_1))
                    .contains("hello\n");
        }
        assertThatThrownBy(
                        () -> client.copyFileFromContainerCmd(id, "/tmp/hello").exec())
                .as("a route that Docker has no more since API 1.24")
                .isInstanceOf(NotFoundException.class);
        assertThat(client.containerDiffCmd(id).exec())
                .anyMatch(change -> change.getPath().equals("/tmp/hello"));
        String image =
                client.commitCmd(id).withRepository("box").withTag("committed").exec();
        assertThat(client.inspectImageCmd(image).exec().getRepoTags()).containsExactly("box:committed");
        client.removeContainerCmd(id).withForce(true).exec();
        client.removeImageCmd("box:committed").exec();
    }

    private static void streams() throws Exception {
        String id = started("sh", "-c", "echo out; echo err >&2; exit 3");
        assertThat(ending(id)).isEqualTo(3);
        assertThat(text(client.logContainerCmd(id)
                        .withStdOut(true)
                        .withStdErr(true)
                        .exec(new Text())))
                .contains("STDOUT: out", "STDERR: err");
        client.removeContainerCmd(id).exec();

        String cat = client.createContainerCmd("box:1")
                .withCmd("cat")
                .withStdinOpen(true)
                .withStdInOnce(true)
                .withHostConfig(HostConfig.newHostConfig().withNetworkMode("none"))
                .exec()
                .getId();
        Text heard = client.attachContainerCmd(cat)
                .withStdIn(new ByteArrayInputStream("to and fro\n".getBytes(StandardCharsets.UTF_8)))
                .withStdOut(true)
                .withFollowStream(true)
                .exec(new Text());
        heard.awaitStarted(10, TimeUnit.SECONDS);
        client.startContainerCmd(cat).exec();
        assertThat(next(heard.lines)).isEqualTo("STDOUT: to and fro");
        heard.close();
        client.removeContainerCmd(cat).withForce(true).exec();
    }

    private static void execs() throws Exception {
        String id = started("sleep", "600");
        String screen = client.createContainerCmd("box:1")
                .withCmd("sleep", "600")
                .withTty(true)
                .withHostConfig(HostConfig.newHostConfig().withNetworkMode("none"))
                .exec()
                .getId();
        client.startContainerCmd(screen).exec();
        client.resizeContainerCmd(screen).withSize(10, 10).exec();
        String exec = client.execCreateCmd(id)
                .withCmd("sh", "-c", "echo out; exit 4")
                .withAttachStdout(true)
                .exec()
                .getId();
        assertThat(text(client.execStartCmd(exec).exec(new Text()))).isEqualTo("STDOUT: out");
        assertThat(client.inspectExecCmd(exec).exec().getExitCodeLong()).isEqualTo(4);
        String terminal = client.execCreateCmd(id)
                .withCmd("sh", "-c", "sleep 0.3; stty size")
                .withTty(true)
                .withAttachStdout(true)
                .exec()
                .getId();
        Text heard = client.execStartCmd(terminal).withTty(true).exec(new Text());
        heard.awaitStarted(10, TimeUnit.SECONDS);
        client.resizeExecCmd(terminal).withSize(33, 77).exec();
        assertThat(text(heard).replaceAll("\n?RAW: ", "")).contains("33 77");
        for (var container : client.listContainersCmd().withShowAll(true).exec()) {
            client.removeContainerCmd(container.getId()).withForce(true).exec();
        }
        assertThat(client.pruneCmd(PruneType.CONTAINERS).exec().getSpaceReclaimed())
                .isZero();
    }

    private static void volumes() throws Exception {
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        try (var stream = client.eventsCmd().withEventTypeFilter("volume").exec(new Queue<>(events))) {
            stream.awaitStarted(10, TimeUnit.SECONDS);
            assertThat(client.createVolumeCmd()
                            .withName("java-volume")
                            .withLabels(Map.of("java", "1"))
                            .exec()
                            .getDriver())
                    .isEqualTo("local");
            assertThat(next(events).getAction()).isEqualTo("create");
        }
        assertThat(client.inspectVolumeCmd("java-volume").exec().getLabels()).containsEntry("java", "1");
        String id = client.createContainerCmd("box:1")
                .withCmd("sh", "-c", "echo kept >/d/file; echo no >/r/file")
                .withHostConfig(HostConfig.newHostConfig()
                        .withNetworkMode("none")
                        .withBinds(
                                new Bind("java-volume", new Volume("/d")),
                                new Bind("java-volume", new Volume("/r"), AccessMode.ro)))
                .exec()
                .getId();
        client.startContainerCmd(id).exec();
        assertThat(ending(id)).isEqualTo(1);
        assertThatThrownBy(() -> client.removeVolumeCmd("java-volume").exec()).isInstanceOf(ConflictException.class);
        client.removeContainerCmd(id).withRemoveVolumes(true).exec();
        assertThat(client.listVolumesCmd().exec().getVolumes()).hasSize(1);
        client.removeVolumeCmd("java-volume").exec();
        assertThat(client.pruneCmd(PruneType.VOLUMES).exec().getSpaceReclaimed())
                .isZero();
    }

    private static void networks() {
        String network = client.createNetworkCmd()
                .withName("java-network")
                .withLabels(Map.of("java", "1"))
                .exec()
                .getId();
        assertThat(client.listNetworksCmd().withNameFilter("java-network").exec())
                .singleElement()
                .satisfies(found -> assertThat(found.getId()).isEqualTo(network));
        String id = client.createContainerCmd("box:1")
                .withCmd("true")
                .withHostConfig(HostConfig.newHostConfig().withNetworkMode("java-network"))
                .exec()
                .getId();
        client.disconnectFromNetworkCmd()
                .withNetworkId(network)
                .withContainerId(id)
                .exec();
        client.connectToNetworkCmd().withNetworkId(network).withContainerId(id).exec();
        assertThat(client.inspectContainerCmd(id).exec().getNetworkSettings().getNetworks())
                .containsOnlyKeys("java-network");
        client.removeContainerCmd(id).exec();
        assertThat(client.inspectNetworkCmd()
                        .withNetworkId("java-network")
                        .exec()
                        .getLabels())
                .containsEntry("java", "1");
        client.removeNetworkCmd(network).exec();
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T found = queue.poll(10, TimeUnit.SECONDS);
        assertThat(found).isNotNull();
        return found;
    }

    private static String text(Text heard) throws InterruptedException {
        assertThat(heard.awaitCompletion(20, TimeUnit.SECONDS)).isTrue();
        return String.join("\n", heard.lines);
    }

    /** What comes, as it comes. */
    private static final class Queue<T> extends ResultCallback.Adapter<T> {
        private final BlockingQueue<T> queue;

        Queue(BlockingQueue<T> queue) {
            this.queue = queue;
        }

        @Override
        public void onNext(T item) {
            queue.add(item);
        }
    }

    /** The frames of a stream, each with its name. */
    private static final class Text extends ResultCallback.Adapter<Frame> {
        private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

        @Override
        public void onNext(Frame frame) {
            lines.add(frame.toString().strip());
        }
    }
}

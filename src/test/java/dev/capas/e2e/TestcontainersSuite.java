package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.HealthCheck;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.ContainerLaunchException;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.output.OutputFrame;
import org.testcontainers.containers.output.WaitingConsumer;
import org.testcontainers.containers.startupcheck.OneShotStartupCheckStrategy;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** What a team's own tests do with Testcontainers. It runs as a process of its own, which finds its Docker as theirs do: by DOCKER_HOST. */
final class TestcontainersSuite {
    private static final DockerImageName IMAGE = DockerImageName.parse("busybox:1");
    private static final int PORT = 8080;
    private static final Duration SOON = Duration.ofSeconds(30);

    private TestcontainersSuite() {}

    private interface Test {
        void run() throws Exception;
    }

    /** Runs all; the first that fails ends it with a stack trace and an exit code. */
    public static void main(String[] arguments) throws Exception {
        run("log", TestcontainersSuite::waitsForALine);
        run("health", TestcontainersSuite::waitsForHealth);
        run("exec", TestcontainersSuite::executes);
        run("files", TestcontainersSuite::copiesFiles);
        run("one shot", TestcontainersSuite::waitsForTheEnd);
        run("output", TestcontainersSuite::followsOutput);
        run("reuse", TestcontainersSuite::usesAgain);
        run("many", TestcontainersSuite::startsMany);
        run("ports", TestcontainersSuite::waitsForPorts);
        run("network", TestcontainersSuite::findsByAlias);
        container("exec sleep 1000").start(); // which Ryuk has to remove
    }

    private static void run(String name, Test test) throws Exception {
        test.run();
        System.out.println("passed: " + name);
    }

    private static GenericContainer<?> container(String script) {
        return new GenericContainer<>(IMAGE).withCommand("sh", "-c", script).withStartupTimeout(SOON);
    }

    private static void waitsForALine() {
        try (GenericContainer<?> container = container("echo begins; sleep 0.3; echo 'is ready'; exec sleep 1000")
                .withEnv("NAME", "value")
                .withLabel("team", "blue")
                .waitingFor(Wait.forLogMessage(".*is ready.*\\n", 1))) {
            container.start();
            assertThat(container.isRunning()).isTrue();
            assertThat(container.getLogs()).isEqualTo("begins\nis ready\n");
            assertThat(container.getContainerInfo().getConfig().getLabels()).containsEntry("team", "blue");
            assertThat(container.getContainerInfo().getConfig().getEnv()).contains("NAME=value");
            String id = container.getContainerId();
            container.stop();
            assertThatThrownBy(() -> DockerClientFactory.instance()
                            .client()
                            .inspectContainerCmd(id)
                            .exec())
                    .isInstanceOf(NotFoundException.class);
        }
    }

    private static void waitsForHealth() {
        HealthCheck check = new HealthCheck()
                .withTest(List.of("CMD-SHELL", "test -f /tmp/well"))
                .withInterval(Duration.ofMillis(200).toNanos());
        try (GenericContainer<?> container = container("sleep 0.5; touch /tmp/well; exec sleep 1000")
                .withCreateContainerCmdModifier(command -> command.withHealthcheck(check))
                .waitingFor(Wait.forHealthcheck())) {
            container.start();
            assertThat(container.isHealthy()).isTrue();
        }
    }

    private static void executes() throws Exception {
        try (GenericContainer<?> container = container("exec sleep 1000")) {
            container.start();
            ExecResult result = container.execInContainer("sh", "-c", "echo out; echo err >&2; exit 3");
            assertThat(result.getExitCode()).isEqualTo(3);
            assertThat(result.getStdout()).isEqualTo("out\n");
            assertThat(result.getStderr()).isEqualTo("err\n");
            assertThat(container.execInContainerWithUser("nobody", "id", "-un").getStdout())
                    .isEqualTo("nobody\n");
        }
    }

    private static void copiesFiles() throws Exception {
        Path script = Files.createTempFile("testcontainers", ".sh");
        try (GenericContainer<?> container = container("/opt/here/script.sh; exec sleep 1000")
                .withCopyToContainer(Transferable.of("before", 0640), "/opt/text")
                .withCopyFileToContainer(MountableFile.forHostPath(script, 0755), "/opt/here/script.sh")
                .waitingFor(Wait.forLogMessage("before\\n", 1))) {
            Files.writeString(script, "#!/bin/sh\ncat /opt/text; echo\n");
            container.start();
            assertThat(container
                            .execInContainer("stat", "-c", "%a", "/opt/text")
                            .getStdout())
                    .isEqualTo("640\n");
            container.copyFileToContainer(Transferable.of("after"), "/opt/later/text");
            assertThat(container.copyFileFromContainer("/opt/later/text", TestcontainersSuite::text))
                    .isEqualTo("after");
            Path back = script.resolveSibling(script.getFileName() + ".back");
            container.copyFileFromContainer("/opt/here/script.sh", back.toString());
            assertThat(back).hasSameBinaryContentAs(script);
            Files.delete(back);
        } finally {
            Files.delete(script);
        }
    }

    private static String text(InputStream content) throws IOException {
        return new String(content.readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void waitsForTheEnd() {
        try (GenericContainer<?> container =
                container("echo done").withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(SOON))) {
            container.start();
            assertThat(container.getLogs(OutputFrame.OutputType.STDOUT)).isEqualTo("done\n");
        }
        try (GenericContainer<?> container =
                container("exit 3").withStartupCheckStrategy(new OneShotStartupCheckStrategy().withTimeout(SOON))) {
            assertThatThrownBy(container::start).isInstanceOf(ContainerLaunchException.class);
        }
    }

    private static void followsOutput() throws Exception {
        WaitingConsumer consumer = new WaitingConsumer();
        try (GenericContainer<?> container = container(
                        "for i in 1 2 3; do echo line $i; sleep 0.1; done; exec sleep 1000")
                .withLogConsumer(consumer)) {
            container.start();
            consumer.waitUntil(
                    frame -> frame.getUtf8String().contains("line 3"), 30, java.util.concurrent.TimeUnit.SECONDS);
        }
    }

    private static void waitsForPorts() throws Exception {
        try (GenericContainer<?> first = server().waitingFor(Wait.forListeningPort());
                GenericContainer<?> second = server().waitingFor(Wait.forHttp("/page"))) {
            Startables.deepStart(first, second).join();
            assertThat(first.getMappedPort(PORT)).isNotEqualTo(second.getMappedPort(PORT));
            for (GenericContainer<?> each : List.of(first, second)) {
                URI page = URI.create("http://" + each.getHost() + ":" + each.getMappedPort(PORT) + "/page");
                try (InputStream content = page.toURL().openStream()) {
                    assertThat(text(content)).isEqualTo("served\n");
                }
            }
        }
    }

    private static void findsByAlias() throws Exception {
        try (Network network = Network.newNetwork();
                GenericContainer<?> server =
                        server().withNetwork(network).withNetworkAliases("shop").waitingFor(Wait.forListeningPort());
                GenericContainer<?> client = container("exec sleep 1000").withNetwork(network)) {
            Startables.deepStart(server, client).join();
            ExecResult page = client.execInContainer("wget", "-qO-", "http://shop:" + PORT + "/page");
            assertThat(page.getStdout()).as(page.getStderr()).isEqualTo("served\n");
        }
    }

    private static GenericContainer<?> server() {
        return container("mkdir /www; echo served >/www/page; exec httpd -f -p " + PORT + " -h /www")
                .withExposedPorts(PORT);
    }

    private static void usesAgain() {
        GenericContainer<?> first = container("exec sleep 1000").withReuse(true);
        GenericContainer<?> second = container("exec sleep 1000").withReuse(true);
        first.start();
        second.start();
        assertThat(second.getContainerId()).isEqualTo(first.getContainerId());
        first.stop();
    }

    private static void startsMany() {
        List<GenericContainer<?>> containers = IntStream.range(0, 8)
                .<GenericContainer<?>>mapToObj(number -> container("echo ready " + number + "; exec sleep 1000")
                        .waitingFor(Wait.forLogMessage("ready " + number + "\\n", 1)))
                .toList();
        Startables.deepStart(containers).join();
        assertThat(containers).allMatch(GenericContainer::isRunning);
        assertThat(containers.stream().map(GenericContainer::getContainerId)).doesNotHaveDuplicates();
        containers.parallelStream().forEach(GenericContainer::stop);
    }
}

package dev.capas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;

/** The files of {@code examples/}: each of their shell parts is run as it stands, by the shell and in the order of its CI system. */
class ExamplesIT {
    private static final Path EXAMPLES = Path.of("examples").toAbsolutePath();
    private static final int HEAVY = 1_500_000;

    @TempDir
    static Path shared;

    @TempDir
    Path job;

    private static DockerRegistry registry;
    private static String image;
    private static Path archive;

    /** An image of two layers in a registry and in an archive: the upper one is what is too heavy. */
    @BeforeAll
    static void push() throws Exception {
        registry = DockerRegistry.start();
        image = registry.host() + "/team/app:7";
        archive = Files.write(
                shared.resolve("app.tar"),
                ImageTar.tar(ImageTar.files(
                        image, ImageTar.layer("etc/os", "base"), ImageTar.layer("opt/model", "m".repeat(HEAVY)))));
        Engine engine = Engine.start();
        try {
            engine.docker().run("load", "-q", "-i", archive.toString()).ok();
            engine.docker().run("push", "-q", image).ok();
        } finally {
            engine.stop();
        }
    }

    @AfterAll
    static void stop() throws InterruptedException {
        registry.close();
    }

    /** The capas command at the place where a job clones it to: the engine of the tests, with its data in the directory of the job. */
    @BeforeEach
    void install() throws IOException {
        String java = Engine.java().stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
        executable(job.resolve("capas/capas"), """
                #!/bin/bash
                [ "$1" != daemon ] || [[ "$*" == *--data-root* ]] ||
                    set -- "$@" --data-root '%1$s/data' --exec-root '%1$s/exec' --pidfile '%1$s/pid'
                exec %2$s "$@"
                """.formatted(job, java));
        executable(job.resolve("bin/sudo"), "#!/bin/sh\nexec \"$@\"\n");
    }

    @AfterEach
    void end() throws IOException, InterruptedException {
        Path pid = job.resolve("pid");
        if (Files.exists(pid)) {
            ProcessHandle engine = ProcessHandle.of(
                            Long.parseLong(Files.readString(pid).strip()))
                    .orElseThrow();
            engine.destroy();
            engine.onExit().join();
        }
    }

    @Test
    void theScriptWeighsAnArchiveAndFailsOverItsBudget() throws Exception {
        Path script = EXAMPLES.resolve("image-size.sh");
        Command.Result within = bash(Map.of(), script + " " + archive + " 2MB");
        assertThat(within.ok()).contains("1.5MB").contains("passed");

        Command.Result over = bash(Map.of(), script + " " + image + " 1MB");
        assertThat(over.code()).isEqualTo(1);
        assertThat(over.out()).contains("opt/model").contains("1.5MB");
    }

    @Test
    void theJobOfGitHubActionsFailsWithATableInItsSummary() throws Exception {
        Map<String, Object> size =
                map(map(yaml("github-actions.yml").get("jobs")).get("image-size"));
        Path summary = job.resolve("summary.md");
        Map<String, String> environment = new HashMap<>(Map.of("GITHUB_STEP_SUMMARY", summary.toString()));
        assertThat(map(size.get("env")).keySet())
                .containsExactlyInAnyOrder("CAPAS_REPOSITORY", "IMAGE", "MAX", "DOCKER_HOST");

        Map<String, Integer> codes = new HashMap<>();
        for (Object step : (List<?>) size.get("steps")) {
            Object run = map(step).get("run");
            if (run != null) {
                codes.put(
                        map(step).get("name").toString(),
                        bash(environment, run.toString()).code());
            }
        }

        assertThat(codes).isEqualTo(Map.of("Start the engine", 0, "Pull", 0, "What it weighs", 0, "Budget", 1));
        assertThat(Files.readString(summary))
                .contains("### " + image)
                .contains("1.5MB")
                .contains("opt/model");
    }

    @Test
    void theJobOfGitLabFailsAndKeepsTheTables() throws Exception {
        Map<String, Object> size = map(yaml("gitlab-ci.yml").get("image-size"));
        String script =
                ((List<?>) size.get("script")).stream().map(Object::toString).collect(Collectors.joining("\n"));

        Command.Result result = bash(Map.of(), script);

        assertThat(result.code()).isEqualTo(22);
        assertThat(Files.readString(job.resolve("sizes.txt"))).contains("1.5MB");
        assertThat(Files.readString(job.resolve("budget.txt"))).contains("opt/model");
    }

    /** What both systems start a part with: it ends at the first failure, also of a pipe's beginning. */
    private Command.Result bash(Map<String, String> environment, String script) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("PATH", job.resolve("bin") + ":" + System.getenv("PATH"));
        all.put("CAPAS", job.resolve("capas/capas").toString());
        all.put("DOCKER_HOST", "unix://" + job.resolve("socket"));
        all.put("CAPAS_REPOSITORY", "none is needed: it is cloned already");
        all.put("IMAGE", image);
        all.put("MAX", "1MB");
        return Command.run(
                List.of("bash", "-e", "-o", "pipefail", "-c", "cd '" + job + "'\n" + script), new byte[0], all);
    }

    private static Map<String, Object> yaml(String name) throws IOException {
        return map(new Yaml().load(Files.readString(EXAMPLES.resolve(name))));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object node) {
        return (Map<String, Object>) node;
    }

    private static void executable(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}

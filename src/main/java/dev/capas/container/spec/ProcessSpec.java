package dev.capas.container.spec;

import dev.capas.container.ContainerConfig;
import dev.capas.container.HostConfig;
import dev.capas.runtime.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The processes of a container: its init, and those that exec adds. */
public final class ProcessSpec {
    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final Path APPARMOR = Path.of("/sys/module/apparmor/parameters/enabled");
    /** Where the init of {@code --init} appears in the container. */
    static final String INIT = "/sbin/docker-init";

    private ProcessSpec() {}

    /**
     * The container's init.
     *
     * @throws dev.capas.errdefs.EngineException in Docker's words for a user, group, capability or limit that is not there
     */
    static Spec.Process init(SpecRequest request) throws IOException {
        ContainerConfig config = request.config();
        HostConfig hostConfig = request.hostConfig();
        List<String> args = new ArrayList<>();
        if (runsInit(request)) {
            args.add(INIT);
            args.add("--");
        }
        args.addAll(config.entrypoint() == null ? List.of() : config.entrypoint());
        args.addAll(config.cmd() == null ? List.of() : config.cmd());
        return process(
                request,
                new Exec(args, config.user(), null, null, hostConfig.privileged(), config.tty(), console(hostConfig)),
                hostConfig.oomScoreAdj());
    }

    /**
     * A process that joins a running container.
     *
     * @param request the container, as it was started
     * @throws dev.capas.errdefs.EngineException in Docker's words for a user or group that is not there
     */
    public static Spec.Process forExec(SpecRequest request, Exec exec) throws IOException {
        String user = exec.user().isEmpty() ? request.config().user() : exec.user();
        Spec.Process process = process(
                request,
                new Exec(
                        exec.args(),
                        user,
                        exec.env(),
                        exec.workingDir(),
                        exec.privileged(),
                        exec.tty(),
                        exec.console()),
                request.hostConfig().oomScoreAdj());
        return RuncRules.apply(process, request.root());
    }

    /**
     * What an exec asks for.
     *
     * @param args the command
     * @param user empty for the container's
     * @param env {@code NAME=value}, beside the container's
     * @param workingDir null or empty for the container's
     * @param console the size of its terminal, null for none in particular
     */
    public record Exec(
            List<String> args,
            String user,
            @Nullable List<String> env,
            @Nullable String workingDir,
            boolean privileged,
            boolean tty,
            Spec.@Nullable Box console) {}

    /** Whether Docker's init comes first; not where the container's init is not PID 1. */
    static boolean runsInit(SpecRequest request) {
        return Boolean.TRUE.equals(request.hostConfig().init())
                && request.modes().ownPid();
    }

    private static Spec.Process process(SpecRequest request, Exec exec, int oomScoreAdj) throws IOException {
        ContainerConfig config = request.config();
        HostConfig hostConfig = request.hostConfig();
        SecurityOptions security = SecurityOptions.of(hostConfig.securityOpt());
        List<String> capabilities = Capabilities.of(hostConfig.capAdd(), hostConfig.capDrop(), exec.privileged());
        String workingDir =
                exec.workingDir() == null || exec.workingDir().isEmpty() ? config.workingDir() : exec.workingDir();
        return new Spec.Process(
                exec.tty(),
                exec.tty() ? exec.console() : null,
                new Users(request.root()).find(exec.user(), hostConfig.groupAdd()),
                List.copyOf(exec.args()),
                environment(request, exec.tty(), exec.env()),
                workingDir.isEmpty() ? "/" : workingDir,
                new Spec.Capabilities(capabilities, capabilities, capabilities),
                Limits.rlimits(hostConfig.ulimits()),
                security.noNewPrivileges(),
                Files.exists(APPARMOR) ? security.apparmor() : null,
                oomScoreAdj);
    }

    private static Spec.@Nullable Box console(HostConfig config) {
        int height = config.consoleSize().getFirst();
        int width = config.consoleSize().getLast();
        return height == 0 && width == 0 ? null : new Spec.Box(height, width);
    }

    /** The engine's own variables in their places, where the container or the exec does not set or remove them. */
    private static List<String> environment(SpecRequest request, boolean tty, @Nullable List<String> ofExec) {
        List<String> own = new ArrayList<>(List.of(PATH, "HOSTNAME=" + request.hostname()));
        if (tty) {
            own.add("TERM=xterm");
        }
        own.addAll(request.connectivity().environment());
        return replaced(replaced(own, request.config().env()), ofExec);
    }

    private static List<String> replaced(List<String> variables, @Nullable List<String> by) {
        if (by == null) {
            return variables;
        }
        Map<String, Integer> places = new LinkedHashMap<>();
        List<@Nullable String> result = new ArrayList<>(variables);
        variables.forEach(variable -> places.put(name(variable), places.size()));
        for (String variable : by) {
            @Nullable Integer place = places.get(name(variable));
            if (!variable.contains("=")) {
                if (place != null) {
                    result.set(place, null);
                }
            } else if (place == null) {
                result.add(variable);
            } else {
                result.set(place, variable);
            }
        }
        return result.stream().filter(variable -> variable != null).toList();
    }

    private static String name(String variable) {
        return variable.split("=", 2)[0];
    }
}

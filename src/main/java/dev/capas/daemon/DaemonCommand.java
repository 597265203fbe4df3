package dev.capas.daemon;

import dev.capas.home.EngineHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code capas daemon}: the options that users of dockerd know, and the start of the engine. */
@Command(name = "daemon", description = "Run the engine.", mixinStandardHelpOptions = true)
final class DaemonCommand implements Callable<Integer> {
    /** Docker's ports where an address names none. */
    private static final int PORT = 2375;

    private static final int PORT_WITH_TLS = 2376;

    /** The one that Docker's documentation of its metrics uses. */
    private static final int METRICS_PORT = 9323;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-H", "--host"},
            split = ",",
            paramLabel = "<address>",
            description = "Where to listen: unix:///path or tcp://host:port. May be given several times.")
    private List<String> hosts = List.of();

    @Option(
            names = "--read-only-host",
            paramLabel = "<address>",
            description =
                    "Where to listen for those who may only read, and see no secrets: unix:///path or tcp://host:port,"
                            + " with ?label=key=value behind it only what has that label. May be given several times.")
    private List<String> readOnlyHosts = List.of();

    @Option(
            names = "--metrics-addr",
            paramLabel = "<host:port>",
            description = "Where to give /metrics to Prometheus, and nothing else.")
    private @Nullable String metricsAddress;

    @Option(
            names = "--docker-socket",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Listen at /var/run/docker.sock too, where that is free and no -H is given.")
    private boolean dockerSocket;

    @Option(
            names = "--data-root",
            paramLabel = "<dir>",
            description = "What outlives a reboot: layers, containers, database.")
    private @Nullable Path dataRoot;

    @Option(
            names = "--exec-root",
            paramLabel = "<dir>",
            description = "What does not: sockets and states of processes.")
    private @Nullable Path execRoot;

    @Option(
            names = "--config-file",
            paramLabel = "<file>",
            description = "Settings as JSON, by dockerd's names (default: /etc/capas/daemon.json).")
    private @Nullable Path configFile;

    @Option(names = "--validate", description = "Check the settings, and start nothing.")
    private boolean validate;

    @Option(
            names = {"-l", "--log-level"},
            defaultValue = "info",
            paramLabel = "<level>",
            description = "debug, info, warn, error or fatal.")
    private String logLevel = "info";

    @Option(
            names = {"-D", "--debug"},
            description = "The same as --log-level debug.")
    private boolean debug;

    @Option(
            names = {"-p", "--pidfile"},
            paramLabel = "<file>",
            description = "Where to write the daemon's process number.")
    private @Nullable Path pidFile;

    @Option(
            names = {"-G", "--group"},
            paramLabel = "<group>",
            description = "The group that may use the Unix sockets (default: docker, where it exists).")
    private @Nullable String group;

    @Option(names = "--tls", description = "Secure TCP; implied by --tlsverify.")
    private boolean tls;

    @Option(names = "--tlsverify", description = "Secure TCP, and let in only clients with a certificate.")
    private boolean tlsVerify;

    @Option(
            names = "--tlscacert",
            defaultValue = "~/.docker/ca.pem",
            paramLabel = "<file>",
            description = "Who signs clients.")
    private String tlsAuthority = "";

    @Option(
            names = "--tlscert",
            defaultValue = "~/.docker/cert.pem",
            paramLabel = "<file>",
            description = "The daemon's certificate.")
    private String tlsCertificate = "";

    @Option(
            names = "--tlskey",
            defaultValue = "~/.docker/key.pem",
            paramLabel = "<file>",
            description = "The daemon's private key.")
    private String tlsKey = "";

    @Option(
            names = "--allow-unauthenticated-tcp",
            description =
                    "Listen on TCP for other machines without --tlsverify: whoever reaches the port is root here.")
    private boolean unauthenticatedTcp;

    @Option(
            names = "--default-runtime",
            defaultValue = "crun",
            paramLabel = "<name>",
            description = "The OCI runtime to use.")
    private String defaultRuntime = "crun";

    @Option(
            names = "--add-runtime",
            split = ",",
            paramLabel = "<name=path>",
            description = "A further OCI runtime. May be given several times.")
    private Map<String, Path> runtimes = new LinkedHashMap<>();

    @Option(
            names = "--insecure-registry",
            split = ",",
            paramLabel = "<registry>",
            description =
                    "A registry, or a network of registries, that is asked without TLS. May be given several times.")
    private List<String> insecureRegistries = List.of();

    @Option(
            names = "--registry-mirror",
            split = ",",
            paramLabel = "<url>",
            description = "Where to look first for images of Docker Hub. May be given several times.")
    private List<String> registryMirrors = List.of();

    @Mixin
    private ContainerOptions containers = new ContainerOptions();

    @Mixin
    private NetworkOptions networks = new NetworkOptions();

    @Option(
            names = "--label",
            paramLabel = "<key=value>",
            description = "Shown to clients by docker info. May be given several times.")
    private List<String> labels = List.of();

    @Option(
            names = "--database-url",
            paramLabel = "<jdbc url>",
            description = "PostgreSQL instead of the embedded database.")
    private @Nullable String databaseUrl;

    @Option(names = "--database-user", paramLabel = "<name>", description = "Its user.")
    private @Nullable String databaseUser;

    @Option(
            names = "--database-password-file",
            paramLabel = "<file>",
            description = "A file with its password: what stands on a command line everyone can read.")
    private @Nullable Path databasePasswordFile;

    @Override
    public Integer call() throws IOException, InterruptedException {
        DaemonSettings settings = settings();
        if (validate) {
            System.out.println("configuration OK");
            return 0;
        }
        Files.createDirectories(settings.home().dataRoot());
        Files.setPosixFilePermissions(settings.home().dataRoot(), PosixFilePermissions.fromString("rwx--x---"));
        Files.createDirectories(settings.home().execRoot());
        try (DataRootLock lock = DataRootLock.take(settings.home().dataRoot());
                PidFile pid = PidFile.write(settings.pidFile())) {
            Sockets.prepare(settings);
            CountDownLatch stop = DaemonSignals.stop();
            MetadataDatabase database = new MetadataDatabase(settings);
            SpringApplication application = Engine.application(settings, database);
            application.addInitializers(fresh -> database.begin());
            var context = application.run();
            Sockets.share(settings);
            LiveSettings live = context.getBean(LiveSettings.class);
            live.tellWithoutEffect();
            DaemonSignals.onHangup(() -> live.reload(this::settings));
            settings.listen().forEach(address -> System.out.println("API listen on " + address));
            settings.readOnly().forEach(host -> System.out.println("API listen on " + host + ", read-only"));
            System.out.println("export DOCKER_HOST=" + settings.listen().getFirst());
            stop.await();
            context.close();
        }
        return 0;
    }

    /** Reads these options without running anything. */
    static DaemonCommand parse(List<String> options) {
        DaemonCommand command = new DaemonCommand();
        new CommandLine(command).parseArgs(options.toArray(String[]::new));
        return command;
    }

    /**
     * What the command line says, and the configuration file for what it does not.
     *
     * @throws IllegalArgumentException if it makes no sense
     */
    DaemonSettings settings() throws IOException {
        return settings(Place.here());
    }

    /** The same for somebody for whom things lie elsewhere by default. */
    DaemonSettings settings(Place place) throws IOException {
        Path file = Objects.requireNonNullElse(configFile, place.configFile());
        ConfigurationFile configuration = ConfigurationFile.read(
                file, configFile != null, spec.commandLine().getParseResult());
        List<String> arguments = new ArrayList<>(arguments());
        arguments.addAll(configuration.arguments());
        try {
            DaemonSettings settings = parse(arguments).settings(place, configuration.withoutEffect());
            settings.check();
            return settings;
        } catch (IllegalArgumentException e) {
            throw configuration.arguments().isEmpty() ? e : ConfigurationFile.refused(file, e.getMessage());
        }
    }

    /** Those of this command alone. */
    private List<String> arguments() {
        List<String> all = spec.commandLine().getParseResult().originalArgs();
        return spec.parent() == null ? all : all.subList(all.indexOf(spec.name()) + 1, all.size());
    }

    private DaemonSettings settings(Place place, List<String> withoutEffect) throws IOException {
        boolean secured = tls || tlsVerify;
        List<ListenAddress> listen = new ArrayList<>(hosts.stream()
                .map(host -> ListenAddress.parse(host, secured ? PORT_WITH_TLS : PORT))
                .toList());
        if (listen.isEmpty()) {
            listen.add(new ListenAddress.Unix(place.socket()));
            Path wellKnown = place.dockerSocket();
            if (dockerSocket && wellKnown != null && Sockets.isFree(wellKnown)) {
                listen.add(new ListenAddress.Unix(wellKnown));
            }
        }
        EngineHome home = new EngineHome(
                Objects.requireNonNullElse(dataRoot, place.dataRoot())
                        .toAbsolutePath()
                        .normalize(),
                Objects.requireNonNullElse(execRoot, place.execRoot())
                        .toAbsolutePath()
                        .normalize());
        return new DaemonSettings(
                List.copyOf(listen),
                readOnlyHosts.stream()
                        .map(host -> ReadOnlyHost.parse(host, secured ? PORT_WITH_TLS : PORT))
                        .toList(),
                metricsAddress == null || metricsAddress.isEmpty()
                        ? null
                        : ListenAddress.parse(metricsAddress, METRICS_PORT),
                home,
                debug ? Verbosity.DEBUG : Verbosity.parse(logLevel),
                Objects.requireNonNullElse(pidFile, home.execRoot().resolve("capas.pid")),
                group,
                secured ? new Tls(tlsVerify, inHome(tlsAuthority), inHome(tlsCertificate), inHome(tlsKey)) : null,
                unauthenticatedTcp,
                defaultRuntime,
                Map.copyOf(runtimes),
                List.copyOf(insecureRegistries),
                List.copyOf(registryMirrors),
                List.copyOf(labels),
                containers.read(),
                networks.read(),
                database(),
                withoutEffect);
    }

    private DaemonSettings.@Nullable Database database() throws IOException {
        if (databaseUrl == null) {
            return null;
        }
        String password = databasePasswordFile == null
                ? ""
                : Files.readString(databasePasswordFile).strip();
        return new DaemonSettings.Database(databaseUrl, Objects.requireNonNullElse(databaseUser, "capas"), password);
    }

    private static Path inHome(String path) {
        return Path.of(path.startsWith("~/") ? System.getProperty("user.home") + path.substring(1) : path);
    }
}

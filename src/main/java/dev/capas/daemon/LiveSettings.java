package dev.capas.daemon;

import dev.capas.event.EventBus;
import dev.capas.registry.Registries;
import dev.capas.registry.RegistrySettings;
import java.io.IOException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.stereotype.Component;
import picocli.CommandLine;

/**
 * The settings in force. Those that dockerd takes from its configuration file again at a SIGHUP may change while the engine
 * runs: how much is logged, the labels, which registries are insecure, the mirrors.
 */
@Component
final class LiveSettings {
    private static final Logger log = LoggerFactory.getLogger(LiveSettings.class);

    private final Registries registries;
    private final EventBus events;
    private final LoggingSystem logging;
    private volatile DaemonSettings current;

    LiveSettings(DaemonSettings settings, Registries registries, EventBus events, LoggingSystem logging) {
        this.current = settings;
        this.registries = registries;
        this.events = events;
        this.logging = logging;
    }

    /** Where settings are read once more. */
    interface Source {
        DaemonSettings read() throws IOException;
    }

    /** What holds now. */
    DaemonSettings current() {
        return current;
    }

    /** Logs what the configuration file says in vain. */
    void tellWithoutEffect() {
        if (!current.withoutEffect().isEmpty()) {
            log.warn("Without effect in the configuration file: {}", String.join(", ", current.withoutEffect()));
        }
    }

    /** Takes over what may change; settings that make no sense change nothing. */
    void reload(Source source) {
        DaemonSettings settings;
        try {
            settings = source.read();
        } catch (IOException | IllegalArgumentException | CommandLine.ParameterException e) {
            log.error("The settings stay as they are: {}", e.getMessage());
            return;
        }
        settings.verbosity().levels().forEach(logging::setLogLevel);
        registries.use(new RegistrySettings(settings.insecureRegistries(), settings.registryMirrors()));
        current = current.reloaded(settings);
        log.info("Reloaded the settings");
        events.publish("daemon", "reload", "", Map.of());
    }
}

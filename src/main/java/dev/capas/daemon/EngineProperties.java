package dev.capas.daemon;

import java.util.LinkedHashMap;
import java.util.Map;

/** The settings as the properties of Spring and of the parts of the engine. */
final class EngineProperties {
    private EngineProperties() {}

    static Map<String, Object> of(DaemonSettings settings) {
        Map<String, Object> properties = new LinkedHashMap<>();
        DaemonSettings.Database database = settings.database();
        if (database == null) {
            DatabaseFile.register();
            // without WRITE_DELAY=0 a SIGKILL takes the commits of the last half second with it
            properties.put(
                    "spring.datasource.url",
                    "jdbc:h2:" + DatabaseFile.SCHEME + ":"
                            + settings.home().dataRoot().resolve("db/capas")
                            + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;TRACE_LEVEL_FILE=0");
            properties.put("spring.datasource.username", "capas");
            properties.put("spring.datasource.password", "");
        } else {
            properties.put("spring.datasource.url", database.url());
            properties.put("spring.datasource.username", database.user());
            properties.put("spring.datasource.password", database.password());
        }
        settings.verbosity()
                .levels()
                .forEach((logger, level) -> properties.put("logging.level." + logger, level.name()));
        properties.put(
                "server.tomcat.basedir",
                settings.home().execRoot().resolve("tomcat").toString());
        properties.put("capas.default-runtime", settings.defaultRuntime());
        properties.put("capas.insecure-registries", String.join(",", settings.insecureRegistries()));
        properties.put("capas.registry-mirrors", String.join(",", settings.registryMirrors()));
        return properties;
    }
}

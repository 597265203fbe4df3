package dev.capas.daemon;

import java.util.LinkedHashMap;
import java.util.Map;

/** The settings as the properties of Spring and of the parts of the engine. */
final class EngineProperties {
    private EngineProperties() {}

    static Map<String, Object> of(DaemonSettings settings) {
        Map<String, Object> properties = new LinkedHashMap<>();
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

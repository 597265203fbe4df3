package dev.capas.runtime;

import dev.capas.home.EngineHome;
import java.io.IOException;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the one runtime of the engine. */
@Configuration(proxyBeanMethods = false)
class RuntimeConfiguration {
    @Bean
    ContainerRuntime containerRuntime(EngineHome home, ObjectProvider<RuntimeSettings> settings) throws IOException {
        return new ConmonRuntime(home, settings.getIfAvailable(() -> RuntimeSettings.DEFAULT));
    }
}

package dev.capas.daemon;

import dev.capas.container.ContainerDefaults;
import dev.capas.home.EngineHome;
import dev.capas.runtime.RuntimeSettings;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;

/** The engine as a Spring application. {@link DaemonCommand} gives it its {@link DaemonSettings}. */
@SpringBootApplication(
        scanBasePackages = "dev.capas",
        exclude = ErrorMvcAutoConfiguration.class,
        proxyBeanMethods = false)
@EntityScan("dev.capas")
@EnableJpaRepositories("dev.capas")
class Engine {
    @Bean
    static EngineHome engineHome(DaemonSettings settings) {
        return settings.home();
    }

    @Bean
    static RuntimeSettings runtimeSettings(DaemonSettings settings) {
        return new RuntimeSettings(settings.defaultRuntime(), settings.runtimes());
    }

    @Bean
    static ContainerDefaults containerDefaults(DaemonSettings settings) {
        return settings.containers();
    }
}

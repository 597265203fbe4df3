package dev.capas.registry;

import java.util.List;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The settings of registries, from those of the daemon. */
@Configuration(proxyBeanMethods = false)
class RegistryConfiguration {
    @Bean
    RegistrySettings registrySettings(
            @Value("${capas.insecure-registries:}") List<String> insecureRegistries,
            @Value("${capas.registry-mirrors:}") List<String> mirrors) {
        return new RegistrySettings(insecureRegistries, mirrors);
    }
}

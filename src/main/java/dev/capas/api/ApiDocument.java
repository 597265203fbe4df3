package dev.capas.api;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.swagger.v3.core.jackson.ModelResolver;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.servers.Server;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import tools.jackson.databind.annotation.JsonNaming;

/** The engine's own OpenAPI document: {@code /openapi}, {@code /openapi.yaml}, and a page to read it at {@code /docs}. */
@Configuration(proxyBeanMethods = false)
class ApiDocument {
    @Bean
    @Lazy
    OpenAPI openApi() {
        return new OpenAPI()
                .info(new Info()
                        .title("Capas")
                        .description("The part of the Docker Engine API that Capas serves.")
                        .version(ApiVersion.CURRENT.text()))
                .addServersItem(new Server().url("/v" + ApiVersion.CURRENT.text()));
    }

    @Bean
    @Lazy
    ModelResolver modelResolver(ObjectMapperProvider provider) {
        ObjectMapper mapper = provider.jsonMapper().copy();
        mapper.setAnnotationIntrospector(new Naming());
        return new ModelResolver(mapper);
    }

    /** The documents' library reads the annotations of Jackson 2; those of Jackson 3 that rename are told to it here. */
    private static final class Naming extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable Object findNamingStrategy(AnnotatedClass type) {
            return type.hasAnnotation(JsonNaming.class)
                    ? PropertyNamingStrategies.UpperCamelCaseStrategy.class
                    : super.findNamingStrategy(type);
        }
    }
}

package dev.capas.api;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.github.therapi.runtimejavadoc.CommentFormatter;
import com.github.therapi.runtimejavadoc.RuntimeJavadoc;
import io.swagger.v3.core.converter.AnnotatedType;
import io.swagger.v3.core.converter.ModelConverter;
import io.swagger.v3.core.converter.ModelConverterContext;
import io.swagger.v3.core.jackson.ModelResolver;
import io.swagger.v3.core.jackson.TypeNameResolver;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.info.License;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.servers.Server;
import io.swagger.v3.oas.models.tags.Tag;
import java.lang.reflect.RecordComponent;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.converters.ModelConverterRegistrar;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.customizers.OperationCustomizer;
import org.springdoc.core.providers.ObjectMapperProvider;
import org.springdoc.core.utils.SpringDocUtils;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.util.StringUtils;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * The engine's own OpenAPI document: {@code /openapi}, {@code /openapi.yaml}, and a page to read it at {@code /docs}. Its words
 * are the Javadoc of the controllers and of the records that they take and give.
 */
@Configuration(proxyBeanMethods = false)
class ApiDocument {
    private static final Map<String, String> TAGS = new LinkedHashMap<>();

    static {
        TAGS.put(
                "Container",
                "Processes in namespaces of their own, on the layers of an image and one that they write to.");
        TAGS.put("Exec", "Further processes in a running container.");
        TAGS.put("Image", "Stacks of read-only layers and what to run in them.");
        TAGS.put("Layer", "What images are made of, who shares it, and what it weighs.");
        TAGS.put("Distribution", "What registries say.");
        TAGS.put("System", "The engine, the machine, what happens and what everything weighs.");
        TAGS.put("Plugin", "Managed plugins, of which there are none.");
    }

    /** Asks for the converters, because nobody else does when all of it is made on demand. */
    @Bean
    @Lazy
    OpenAPI openApi(ModelConverterRegistrar converters) {
        OpenAPI document = new OpenAPI()
                .info(new Info()
                        .title("Capas")
                        .description(
                                "The part of the Docker Engine API that Capas serves. Paths may begin with a version, /v"
                                        + ApiVersion.MINIMUM.text() + " to /v" + ApiVersion.CURRENT.text()
                                        + "; names of fields match whatever their case; fields that are not known are ignored.")
                        .license(new License().name("Apache 2.0").identifier("Apache-2.0"))
                        .version(ApiVersion.CURRENT.text()))
                .addServersItem(new Server().url("/v" + ApiVersion.CURRENT.text()));
        TAGS.forEach(
                (name, description) -> document.addTagsItem(new Tag().name(name).description(description)));
        return document;
    }

    /** Every route may fail, and all failures have one form. */
    @Bean
    @Lazy
    OpenApiCustomizer failures() {
        return document -> document.getPaths()
                .forEach((path, item) -> item.readOperationsMap().forEach((method, operation) -> {
                    addFailures(path, method, operation);
                    operation.setSummary(operation.getSummary().replaceAll("</?code>", ""));
                }));
    }

    /** Operations are called as in Docker's definition: ContainerCreate, ImageList. */
    @Bean
    @Lazy
    OperationCustomizer names() {
        return (operation, method) -> operation.operationId(operation.getTags().getFirst()
                + StringUtils.capitalize(method.getMethod().getName()));
    }

    private static void addFailures(String path, PathItem.HttpMethod method, Operation operation) {
        if (path.contains("{")) {
            operation.getResponses().addApiResponse("404", failure("There is none of this name."));
        }
        if (operation.getRequestBody() != null) {
            operation.getResponses().addApiResponse("400", failure("The body is wrong: the message says where."));
        }
        if (path.contains("{") && method != PathItem.HttpMethod.GET && method != PathItem.HttpMethod.HEAD) {
            operation
                    .getResponses()
                    .addApiResponse("409", failure("Its state does not allow it, or the name is taken."));
        }
        operation
                .getResponses()
                .addApiResponse("default", failure("It failed: the message says why, in Docker's words."));
    }

    private static ApiResponse failure(String description) {
        return new ApiResponse()
                .description(description)
                .content(new Content()
                        .addMediaType(
                                "application/json",
                                new MediaType().schema(new Schema<>().$ref("#/components/schemas/ErrorResponse"))));
    }

    /** The last that is asked, after those that know more. */
    @Bean
    @Lazy
    @Order(Ordered.HIGHEST_PRECEDENCE)
    ModelResolver modelResolver(ObjectMapperProvider provider) {
        SpringDocUtils.getConfig()
                .replaceWithSchema(JsonNode.class, new ObjectSchema())
                .replaceWithSchema(Object.class, new JsonSchema());
        ObjectMapper mapper = provider.jsonMapper().copy();
        mapper.setAnnotationIntrospector(new Naming());
        return new Documented(mapper, new NestedNames());
    }

    /** Describes the fields of a record as its Javadoc describes its components. */
    private static final class Documented extends ModelResolver {
        private static final CommentFormatter FORMATTER = new CommentFormatter();

        private final Set<Class<?>> described = new HashSet<>();

        Documented(ObjectMapper mapper, TypeNameResolver names) {
            super(mapper, names);
        }

        @Override
        public @Nullable Schema<?> resolve(
                AnnotatedType type, ModelConverterContext context, Iterator<ModelConverter> next) {
            Schema<?> schema = super.resolve(type, context, next);
            JavaType java = _mapper.constructType(type.getType());
            Class<?> raw = java.getRawClass();
            if (raw.isRecord() && described.add(raw)) {
                Schema<?> model = context.getDefinedModels().getOrDefault(_typeNameResolver.nameForType(java), schema);
                if (model != null && model.getProperties() != null) {
                    describe(raw, model.getProperties());
                }
            }
            return schema;
        }

        private static void describe(Class<?> type, @SuppressWarnings("rawtypes") Map<String, Schema> properties) {
            Map<String, String> descriptions = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            RuntimeJavadoc.getJavadoc(type)
                    .getRecordComponents()
                    .forEach(component ->
                            descriptions.put(component.getName(), FORMATTER.format(component.getComment())));
            Set<String> nullable = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
            for (RecordComponent component : type.getRecordComponents()) {
                if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                    nullable.add(component.getName());
                }
            }
            properties.forEach((name, property) -> {
                String component = name.replace("_", "");
                if (property.getDescription() == null) {
                    property.setDescription(descriptions.get(component));
                }
                if (nullable.contains(component) && property.getTypes() != null) {
                    property.addType("null");
                }
            });
        }
    }

    /** Nobody reads the document at most starts: what makes it is made when somebody does. */
    @Bean
    static BeanFactoryPostProcessor documentOnDemand() {
        return factory -> {
            for (String name : factory.getBeanDefinitionNames()) {
                if (name.startsWith("org.springdoc") || isOfSpringdoc(factory.getType(name, false))) {
                    factory.getBeanDefinition(name).setLazyInit(true);
                }
            }
        };
    }

    private static boolean isOfSpringdoc(@Nullable Class<?> type) {
        return type != null && type.getName().startsWith("org.springdoc");
    }

    /** A nested record is named with the one around it: many are called {@code Inspect}. */
    private static final class NestedNames extends TypeNameResolver {
        @Override
        protected String getNameOfClass(Class<?> type) {
            Class<?> around = type.getEnclosingClass();
            return around == null ? type.getSimpleName() : getNameOfClass(around) + type.getSimpleName();
        }
    }

    /** The documents' library reads the annotations of Jackson 2; those of Jackson 3 that rename are told to it here. */
    private static final class Naming extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1L;

        @Override
        public @Nullable Object findNamingStrategy(AnnotatedClass type) {
            JsonNaming naming = type.getRawType().getAnnotation(JsonNaming.class);
            if (naming == null) {
                return super.findNamingStrategy(type);
            }
            return naming.value().getSimpleName().startsWith("Snake")
                    ? PropertyNamingStrategies.SnakeCaseStrategy.class
                    : PropertyNamingStrategies.UpperCamelCaseStrategy.class;
        }
    }
}

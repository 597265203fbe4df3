package dev.capas.daemon;

import dev.capas.container.ContainerDefaults;
import dev.capas.home.EngineHome;
import dev.capas.network.NetworkDefaults;
import dev.capas.runtime.RuntimeSettings;
import java.io.IOException;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jpa.autoconfigure.EntityManagerFactoryBuilderCustomizer;
import org.springframework.boot.persistence.autoconfigure.EntityScan;
import org.springframework.boot.persistence.autoconfigure.PersistenceExceptionTranslationAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.annotation.AnnotationConfigUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;
import org.springframework.data.repository.config.BootstrapMode;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The engine as a Spring application. {@link DaemonCommand} gives it its {@link DaemonSettings}. */
@SpringBootApplication(
        scanBasePackages = "dev.capas",
        exclude = {
            ErrorMvcAutoConfiguration.class,
            // nothing here is advised by annotations; to find that out took every start a tenth of its time
            AopAutoConfiguration.class,
            // MetadataDatabase opens the database before there is a Spring
            DataSourceAutoConfiguration.class,
            FlywayAutoConfiguration.class,
            PersistenceExceptionTranslationAutoConfiguration.class,
            TransactionAutoConfiguration.class,
            ValidationAutoConfiguration.class
        },
        proxyBeanMethods = false)
@EntityScan("dev.capas")
@EnableJpaRepositories(basePackages = "dev.capas", bootstrapMode = BootstrapMode.DEFERRED)
class Engine {
    /**
     * Run by the build alone, which has Spring write down the beans as code (ahead-of-time processing): a start then reads no
     * class files for their annotations, and parses no query.
     *
     * @param arguments the options of a daemon
     */
    public static void main(String[] arguments) throws IOException {
        DaemonSettings settings = DaemonCommand.parse(List.of(arguments)).settings();
        application(settings, new MetadataDatabase(settings)).run();
    }

    /** The application, not yet running, on a database that may be opening already. */
    static SpringApplication application(DaemonSettings settings, MetadataDatabase database) {
        SpringApplication application = new SpringApplication(Engine.class);
        application.setDefaultProperties(EngineProperties.of(settings));
        application.setRegisterShutdownHook(false);
        application.setMainApplicationClass(Engine.class);
        application.setLogStartupInfo(false);
        application.addInitializers(context -> context.getBeanFactory().registerSingleton("daemonSettings", settings));
        application.addInitializers(
                context -> context.getBeanFactory().registerSingleton("metadataDatabase", database));
        application.addInitializers(context -> context.addBeanFactoryPostProcessor(
                factory -> withoutEventListeners((BeanDefinitionRegistry) factory)));
        return application;
    }

    /** Nothing here listens to Spring's events by annotation; to look for it in every bean takes a start a twentieth of its time. */
    private static void withoutEventListeners(BeanDefinitionRegistry beans) {
        if (beans.containsBeanDefinition(AnnotationConfigUtils.EVENT_LISTENER_PROCESSOR_BEAN_NAME)) {
            beans.removeBeanDefinition(AnnotationConfigUtils.EVENT_LISTENER_PROCESSOR_BEAN_NAME);
        }
    }

    @Bean
    static DataSource dataSource(MetadataDatabase database) {
        return database.await();
    }

    /** Entities are made known to Hibernate beside the rest of the start; whoever needs them first waits. */
    @Bean
    static EntityManagerFactoryBuilderCustomizer entitiesInTheBackground() {
        return builder -> builder.setBootstrapExecutor(new SimpleAsyncTaskExecutor("entities"));
    }

    @Bean
    static EngineHome engineHome(DaemonSettings settings) {
        return settings.home();
    }

    @Bean
    static TransactionTemplate transactionTemplate(PlatformTransactionManager transactions) {
        return new TransactionTemplate(transactions);
    }

    @Bean
    static RuntimeSettings runtimeSettings(DaemonSettings settings) {
        return new RuntimeSettings(settings.defaultRuntime(), settings.runtimes());
    }

    @Bean
    static NetworkDefaults networkDefaults(DaemonSettings settings) throws IOException {
        return settings.networks().of(EngineId.of(settings.home().dataRoot()));
    }

    @Bean
    static ContainerDefaults containerDefaults(DaemonSettings settings) {
        return settings.containers();
    }
}

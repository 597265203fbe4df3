package dev.capas.api;

import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.convert.converter.Converter;
import org.springframework.format.FormatterRegistry;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.servlet.config.annotation.ContentNegotiationConfigurer;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Makes Spring MVC read and answer requests as dockerd does. */
@Configuration(proxyBeanMethods = false)
class WebConfiguration implements WebMvcConfigurer {
    private static final Set<String> FALSE = Set.of("", "0", "no", "false", "none");

    @Override
    public void configureMessageConverters(HttpMessageConverters.ServerBuilder builder) {
        builder.addCustomConverter(new JsonBody());
    }

    /** Whatever a client says that it accepts: there is one representation of everything. */
    @Override
    public void configureContentNegotiation(ContentNegotiationConfigurer negotiation) {
        negotiation.strategies(List.of(request -> List.of(MediaType.ALL)));
    }

    @Override
    public void addInterceptors(InterceptorRegistry registry) {
        registry.addInterceptor(new ApiInterceptor());
    }

    @Override
    public void addFormatters(FormatterRegistry registry) {
        // a comma in a parameter is a comma
        registry.removeConvertible(String.class, Collection.class);
        registry.addConverter(String.class, Boolean.class, (Converter<String, Boolean>) WebConfiguration::isTrue);
    }

    /** Docker's booleans: whatever does not say no. */
    private static boolean isTrue(String text) {
        return !FALSE.contains(text.strip().toLowerCase(Locale.ROOT));
    }
}

package dev.capas.api;

import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** Keeps Tomcat's own request at hand for {@link Hijack}: the servlet API shows a facade that cannot give its connection away. */
@Component
final class HijackValve extends ValveBase implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    static final String REQUEST = HijackValve.class.getName();
    static final String HANG_UPS = HangUps.class.getName();

    private final HangUps hangUps;

    HijackValve(HangUps hangUps) {
        super(true);
        this.hangUps = hangUps;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addEngineValves(this);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        request.setAttribute(REQUEST, request);
        request.setAttribute(HANG_UPS, hangUps);
        getNext().invoke(request, response);
    }
}

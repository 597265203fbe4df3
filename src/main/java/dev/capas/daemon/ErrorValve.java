package dev.capas.daemon;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/** Answers what Tomcat refuses before any controller sees it, such as a path that is no path, without Tomcat's HTML page. */
public final class ErrorValve extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, @Nullable Throwable failure) {
        if (response.getStatus() < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
            return;
        }
        HttpStatus status = HttpStatus.resolve(response.getStatus());
        String message = status == null ? "error" : status.value() + " " + status.getReasonPhrase();
        response.setContentType("application/json");
        try {
            response.getOutputStream().write(("{\"message\":\"" + message + "\"}\n").getBytes(StandardCharsets.UTF_8));
            response.finishResponse();
        } catch (IOException e) {
            getContainer().getLogger().debug("The client left before its error", e);
        }
    }
}

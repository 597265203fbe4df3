package dev.capas.api;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.catalina.connector.Request;

/** Text as Go's HTTP server sends it: {@code text/plain; charset=utf-8}, with the space that Tomcat would take out. */
final class PlainText {
    private PlainText() {}

    /** Says what is coming, and how much. */
    static void describe(HttpServletRequest request, HttpServletResponse response, int length) {
        Request tomcat = (Request) request.getAttribute(HijackValve.REQUEST);
        tomcat.getResponse().getCoyoteResponse().setContentTypeNoCharset("text/plain; charset=utf-8");
        response.setContentLength(length);
    }

    /** Sends it. */
    static void write(HttpServletRequest request, HttpServletResponse response, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        describe(request, response, bytes.length);
        response.getOutputStream().write(bytes);
    }
}

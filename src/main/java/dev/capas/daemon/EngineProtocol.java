package dev.capas.daemon;

import dev.capas.api.Listening;
import org.apache.coyote.Processor;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http11.Http11Processor;
import org.apache.tomcat.util.buf.MessageBytes;

/**
 * Tomcat's HTTP/1.1, taking any Host header: old Go clients send the encoded path of the socket, proxies names with underscores. A
 * request brings its connection along, so that the client's leaving can be noticed.
 */
public final class EngineProtocol extends Http11NioProtocol {
    @Override
    protected Processor createProcessor() {
        return new Http11Processor(this, getAdapter()) {
            @Override
            protected void parseHost(MessageBytes host) {
                request.setAttribute(Listening.CONNECTION, getSocketWrapper());
                populateHost();
                populatePort();
            }
        };
    }
}

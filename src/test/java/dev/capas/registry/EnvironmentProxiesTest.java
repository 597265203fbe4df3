package dev.capas.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which proxy a registry is reached by. */
class EnvironmentProxiesTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "https://registry.example | proxy.example:3128",
                "http://registry.example | plain.example:80",
                "https://a.internal.example | direct",
                "https://internal.example | direct",
                "https://notinternal.example | proxy.example:3128",
                "https://sub.below.example | direct",
                "https://below.example | proxy.example:3128",
                "https://ported.example:5000 | direct",
                "https://ported.example:5001 | proxy.example:3128",
                "https://10.1.2.3:5000 | direct",
                "https://11.1.2.3:5000 | proxy.example:3128",
                "https://127.0.0.1:5000 | direct",
                "http://[::1]:5000 | direct",
                "http://localhost:5000 | direct"
            })
    void goesByTheVariables(URI uri, String expected) {
        EnvironmentProxies proxies = new EnvironmentProxies(Map.of(
                "HTTPS_PROXY", "http://proxy.example:3128",
                "http_proxy", "plain.example",
                "NO_PROXY", "internal.example, .below.example,10.0.0.0/8,ported.example:5000"));
        Proxy proxy = proxies.select(uri).getFirst();
        InetSocketAddress address = (InetSocketAddress) proxy.address();
        assertThat(address == null ? "direct" : address.getHostString() + ":" + address.getPort())
                .isEqualTo(expected);
    }

    @Test
    void everythingIsDirectWhereNothingIsSaid() {
        URI uri = URI.create("https://registry.example");
        assertThat(new EnvironmentProxies(Map.of()).select(uri)).containsExactly(Proxy.NO_PROXY);
        assertThat(new EnvironmentProxies(Map.of("HTTPS_PROXY", "p:1", "no_proxy", "*")).select(uri))
                .containsExactly(Proxy.NO_PROXY);
    }

    @Test
    void aRequestGoesThroughTheProxy() throws Exception {
        HttpServer proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        proxy.createContext("/", exchange -> {
            byte[] asked = exchange.getRequestURI().toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, asked.length);
            exchange.getResponseBody().write(asked);
            exchange.close();
        });
        proxy.start();
        try {
            String address = "127.0.0.1:" + proxy.getAddress().getPort();
            Transport transport = new Transport(new EnvironmentProxies(Map.of("HTTP_PROXY", address)));
            URI uri = URI.create("http://registry.example/v2/");
            try (InputStream body = transport
                    .send("GET", uri, Map.of(), BodyPublishers.noBody(), true)
                    .body()) {
                assertThat(body).hasContent("http://registry.example/v2/");
            }
        } finally {
            proxy.stop(0);
        }
    }
}

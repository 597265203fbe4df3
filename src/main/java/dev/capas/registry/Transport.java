package dev.capas.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.springframework.stereotype.Component;

/** Sends requests to registries, over TLS that is verified or not, and follows redirects without taking secrets to another host. */
@Component
class Transport {
    private static final Duration CONNECT = Duration.ofSeconds(15);
    private static final Duration ANSWER = Duration.ofSeconds(60);
    private static final int MAX_REDIRECTS = 10;

    private final HttpClient verified;
    private final HttpClient unverified;

    Transport() {
        this(new EnvironmentProxies(System.getenv()));
    }

    Transport(ProxySelector proxies) {
        this.verified = client(proxies).build();
        this.unverified = client(proxies).sslContext(trustingAnyone()).build();
    }

    private static HttpClient.Builder client(ProxySelector proxies) {
        return HttpClient.newBuilder()
                .proxy(proxies)
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT);
    }

    /**
     * Sends a request. The body of the answer must be read or closed.
     *
     * @param headers of the request; {@code Authorization} goes to the host of the URI alone
     */
    HttpResponse<InputStream> send(
            String method, URI uri, Map<String, String> headers, HttpRequest.BodyPublisher body, boolean verify)
            throws IOException {
        URI at = uri;
        Map<String, String> sent = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        sent.putAll(headers);
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            HttpResponse<InputStream> answer = once(method, at, sent, body, verify);
            boolean redirected = answer.statusCode() / 100 == 3
                    && answer.headers().firstValue("Location").isPresent()
                    && (method.equals("GET") || method.equals("HEAD"));
            if (!redirected) {
                return answer;
            }
            answer.body().close();
            URI to = at.resolve(answer.headers().firstValue("Location").orElseThrow());
            if (at.getScheme().equals("https") && !"https".equals(to.getScheme())) {
                throw new IOException("refused to follow a redirect from " + at + " to plain HTTP");
            }
            if (!at.getAuthority().equals(to.getAuthority())) {
                sent.remove("Authorization");
            }
            at = to;
        }
        throw new IOException("stopped after " + MAX_REDIRECTS + " redirects");
    }

    private HttpResponse<InputStream> once(
            String method, URI uri, Map<String, String> headers, HttpRequest.BodyPublisher body, boolean verify)
            throws IOException {
        HttpRequest.Builder request;
        try {
            request = HttpRequest.newBuilder(uri).timeout(ANSWER).method(method, body);
        } catch (IllegalArgumentException e) {
            throw new IOException("unsupported address " + uri, e);
        }
        headers.forEach(request::setHeader);
        try {
            return (verify ? verified : unverified).send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static SSLContext trustingAnyone() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Anyone()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** For registries that the user has declared insecure. */
    private static final class Anyone extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

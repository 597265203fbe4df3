package dev.capas.daemon;

import dev.capas.api.ReadOnlyConnector;
import dev.capas.daemon.ListenAddress.Tcp;
import dev.capas.daemon.ListenAddress.Unix;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.StandardHost;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.threads.VirtualThreadExecutor;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.stereotype.Component;

/** Makes Tomcat listen where the settings say, and treat requests as Go's HTTP server does. */
@Component
final class Listeners implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>, Ordered {
    /** Go's limit for the header of a request, in bytes; Tomcat has 8 KiB, which a login to many registries exceeds. */
    private static final int LONGEST_HEADER = (1 << 20) + 4096;

    /** What one write to a socket takes at most, in bytes, and so the room that each connection needs; Tomcat has 8 KiB. */
    private static final int WRITE_BUFFER = 64 << 10;

    private final DaemonSettings settings;

    Listeners(DaemonSettings settings) {
        this.settings = settings;
    }

    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE;
    }

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        List<ListenAddress> addresses = settings.listen();
        factory.setProtocol(EngineProtocol.class.getName());
        factory.setPort(0);
        factory.addConnectorCustomizers(connector -> listen(connector, addresses.getFirst()));
        factory.addContextCustomizers(
                context -> ((StandardHost) context.getParent()).setErrorReportValveClass(ErrorValve.class.getName()));
        for (ListenAddress address : addresses.subList(1, addresses.size())) {
            Connector connector = new Connector(EngineProtocol.class.getName());
            listen(connector, address);
            factory.addAdditionalConnectors(connector);
        }
        for (ReadOnlyHost host : settings.readOnly()) {
            Connector connector = ReadOnlyConnector.of(EngineProtocol.class.getName(), host.filter());
            listen(connector, host.address());
            factory.addAdditionalConnectors(connector);
        }
        if (settings.metrics() != null) {
            Connector connector = ReadOnlyConnector.ofMetrics(EngineProtocol.class.getName());
            listen(connector, settings.metrics());
            factory.addAdditionalConnectors(connector);
        }
    }

    private void listen(Connector connector, ListenAddress address) {
        connector.setEncodedSolidusHandling("passthrough");
        connector.setEncodedReverseSolidusHandling("passthrough");
        connector.setParseBodyMethods("");
        connector.setAllowTrace(true);
        connector.setXpoweredBy(false);
        connector.setProperty("socket.appWriteBufSize", Integer.toString(WRITE_BUFFER));
        var protocol = (AbstractHttp11Protocol<?>) connector.getProtocolHandler();
        protocol.setExecutor(new VirtualThreadExecutor("http-"));
        protocol.setMaxHttpRequestHeaderSize(LONGEST_HEADER);
        protocol.setRelaxedQueryChars("\"<>[\\]^`{|}");
        protocol.setRelaxedPathChars("\"<>[\\]^`{|}");
        // a client may think as long as it likes between two bytes of a body, a stream or two requests
        protocol.setConnectionTimeout(-1);
        protocol.setKeepAliveTimeout(-1);
        protocol.setMaxKeepAliveRequests(-1);
        protocol.setMaxConnections(-1);
        protocol.setAcceptCount(4096);
        switch (address) {
            case Unix unix -> listen(connector, protocol, unix);
            case Tcp tcp -> listen(connector, protocol, tcp);
        }
    }

    private static void listen(Connector connector, AbstractHttp11Protocol<?> protocol, Unix unix) {
        connector.setScheme("unix");
        connector.setProperty("unixDomainSocketPath", unix.path().toString());
        connector.setProperty("unixDomainSocketPathPermissions", "rw-rw----");
        protocol.setTcpNoDelay(false);
    }

    private void listen(Connector connector, AbstractHttp11Protocol<?> protocol, Tcp tcp) {
        connector.setPort(tcp.port());
        try {
            protocol.setAddress(InetAddress.getByName(tcp.host()));
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("invalid bind address (" + tcp + "): " + tcp.host() + " is unknown", e);
        }
        if (settings.tls() != null) {
            secure(connector, protocol, settings.tls());
        }
    }

    private static void secure(Connector connector, AbstractHttp11Protocol<?> protocol, Tls tls) {
        SSLHostConfig host = new SSLHostConfig();
        SSLHostConfigCertificate certificate =
                new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateFile(tls.certificate().toString());
        certificate.setCertificateKeyFile(tls.key().toString());
        host.addCertificate(certificate);
        host.setProtocols("+TLSv1.2+TLSv1.3");
        if (tls.verify()) {
            host.setTrustStore(tls.trusted());
            host.setCertificateVerification("required");
        }
        connector.setScheme("https");
        connector.setSecure(true);
        protocol.setSSLEnabled(true);
        connector.addSslHostConfig(host);
    }
}

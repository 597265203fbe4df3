package dev.capas.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.capas.container.ClientConnection;
import jakarta.servlet.http.HttpServletRequest;
import java.util.function.Consumer;
import org.apache.catalina.connector.Request;
import org.apache.coyote.ActionCode;
import org.apache.coyote.UpgradeToken;

/**
 * Takes the connection of a request over, as attach and exec of the Engine API do ("hijacking"): the client is answered 101
 * where it asked for an upgrade, else 200, and from there on the connection carries raw bytes both ways until either side closes.
 */
final class Hijack {
    /** The output of a terminal, or of anything before API 1.42. */
    static final String RAW_STREAM = "application/vnd.docker.raw-stream";

    /** Frames of standard output and standard error, each with a header of eight bytes. */
    static final String MULTIPLEXED_STREAM = "application/vnd.docker.multiplexed-stream";

    private Hijack() {}

    /** What the output is called: frames have a name of their own since API 1.42. */
    static String contentType(boolean framed, ApiVersion version) {
        return framed && !version.before("1.42") ? MULTIPLEXED_STREAM : RAW_STREAM;
    }

    /**
     * Answers, and runs the session on a virtual thread of its own once the controller has returned; the connection is closed
     * when the session returns. Bytes that the client sent right after its request are the first ones of the session's input.
     *
     * @param contentType of a 101; a 200 always says {@link #RAW_STREAM}, as dockerd does
     * @param headers further header lines, each ended by CRLF
     */
    static void take(
            HttpServletRequest request, String contentType, String headers, Consumer<ClientConnection> session) {
        String head = request.getHeader("Upgrade") == null
                ? "HTTP/1.1 200 OK\r\nContent-Type: " + RAW_STREAM + "\r\n"
                : "HTTP/1.1 101 UPGRADED\r\nContent-Type: " + contentType
                        + "\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n";
        start(request, head + headers + "\r\n", session);
    }

    /** Answers an attach that failed: dockerd has taken the connection over by then, and writes the bare message. */
    static void refuse(HttpServletRequest request, int status, String reason, String message) {
        start(
                request,
                "HTTP/1.1 " + status + " " + reason + "\r\nContent-Type: " + RAW_STREAM + "\r\n\r\n" + message + "\r\n",
                connection -> {});
    }

    /** Answers what should have been the handshake of a websocket, as Go's library for them does. */
    static void refuseWebSocket(HttpServletRequest request) {
        start(request, "HTTP/1.1 400 Bad Request\r\n\r\nnot websocket protocol", connection -> {});
    }

    private static void start(HttpServletRequest request, String head, Consumer<ClientConnection> session) {
        Request tomcat = (Request) request.getAttribute(HijackValve.REQUEST);
        HangUps hangUps = (HangUps) request.getAttribute(HijackValve.HANG_UPS);
        // Tomcat would write a 101 of its own, without the Content-Type: with the response marked as committed it
        // writes nothing
        tomcat.getResponse().getCoyoteResponse().setCommitted(true);
        tomcat.getCoyoteRequest()
                .action(
                        ActionCode.UPGRADE,
                        new UpgradeToken(
                                new HijackedConnection(head.getBytes(ISO_8859_1), session, hangUps),
                                tomcat.getContext(),
                                null,
                                "tcp"));
    }
}

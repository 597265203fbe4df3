package dev.capas.api;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.springframework.stereotype.Component;

/** Requests whose answer may be long in coming (logs, events, statistics, a wait): they end when their client leaves, as in dockerd. */
@Component
public final class Listening {
    /** The attribute of a request that holds its connection, a {@link SocketWrapperBase}. */
    public static final String CONNECTION = Listening.class.getName();

    private final HangUps hangUps;

    Listening(HangUps hangUps) {
        this.hangUps = hangUps;
    }

    /** What the client listens to. */
    interface Answer {
        void give() throws IOException, InterruptedException;
    }

    /**
     * Gives the answer on the calling thread, which is interrupted when the client leaves.
     *
     * @throws ClientAbortException if it has left
     */
    void answer(HttpServletRequest request, Answer answer) throws IOException, InterruptedException {
        request.setAttribute(RequestTimes.LASTING, true);
        Serving serving = new Serving();
        SocketWrapperBase<?> connection = (SocketWrapperBase<?>) request.getAttribute(CONNECTION);
        try (HangUps.Watch watch = hangUps.watch(channel(connection), HangUps.Sign.END_OF_INPUT, serving::interrupt)) {
            answer.give();
        } catch (InterruptedException e) {
            if (!serving.interrupted()) {
                throw e;
            }
            throw new ClientAbortException(e);
        } finally {
            serving.end();
        }
    }

    static SocketChannel channel(SocketWrapperBase<?> connection) {
        return ((NioChannel) connection.getSocket()).getIOChannel();
    }

    /** A thread that may be interrupted until it has done its work, and not in what it does next. */
    private static final class Serving {
        private final Thread thread = Thread.currentThread();
        private boolean interrupted;
        private boolean ended;

        synchronized void interrupt() {
            if (!ended) {
                interrupted = true;
                thread.interrupt();
            }
        }

        synchronized boolean interrupted() {
            return interrupted;
        }

        synchronized void end() {
            ended = true;
            if (interrupted) {
                Thread.interrupted();
            }
        }
    }
}

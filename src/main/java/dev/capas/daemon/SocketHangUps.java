package dev.capas.daemon;

import dev.capas.api.HangUps;
import dev.capas.linux.Fd;
import dev.capas.linux.LinuxException;
import dev.capas.linux.Poller;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** One thread that polls the sockets of all clients that listen. */
@Component
final class SocketHangUps implements HangUps, DisposableBean {
    private final Poller poller;

    SocketHangUps() throws LinuxException {
        poller = new Poller("hang-ups");
    }

    @Override
    public Watch watch(SocketChannel connection, Sign sign, Runnable left) throws IOException {
        Fd socket = Fd.duplicateOf(connection);
        poller.watch(socket, sign == Sign.CLOSED ? Poller.CLOSED : Poller.END_OF_INPUT, () -> {
            poller.remove(socket);
            left.run();
        });
        return () -> {
            poller.remove(socket);
            socket.close();
        };
    }

    @Override
    public void destroy() {
        poller.close();
    }
}

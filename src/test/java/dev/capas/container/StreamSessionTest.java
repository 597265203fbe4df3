package dev.capas.container;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.container.StreamSession.End;
import dev.capas.container.StreamSession.InputEnd;
import dev.capas.runtime.StreamHub.Source;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class StreamSessionTest {
    private final FakeHub hub = new FakeHub();

    @Test
    void outputGoesOnAfterTheInput() throws Exception {
        Client client = new Client("typed");
        CompletableFuture<End> end = serve(client, null, InputEnd.CLOSES_STDIN, true);
        assertThat(hub.stdinClosed.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(hub.typed()).isEqualTo("typed");
        hub.output(Source.STDOUT, bytes("out"));
        hub.output(Source.STDERR, bytes("err!"));
        hub.close();
        assertThat(end.get()).isEqualTo(End.OUTPUT_ENDED);
        assertThat(client.shown()).isEqualTo("\1\0\0\0\0\0\0\3out\2\0\0\0\0\0\0\4err!");
    }

    @Test
    void detachKeysEndTheSessionAndNothingElse() throws Exception {
        Client client = new Client("ls\n\20\21never");
        DetachKeys keys = DetachKeys.parse("").orElseThrow();
        assertThat(serve(client, keys, InputEnd.ENDS_SESSION, false).get()).isEqualTo(End.DETACHED);
        assertThat(hub.typed()).isEqualTo("ls\n");
        assertThat(hub.stdinClosed.getCount()).isEqualTo(1);
    }

    @Test
    void theEndOfATerminalsInputLetsTheClientGo() throws Exception {
        DetachKeys keys = DetachKeys.parse("").orElseThrow();
        assertThat(serve(new Client("x"), keys, InputEnd.ENDS_SESSION, false).get())
                .isEqualTo(End.CLIENT_LEFT);
        assertThat(hub.typed()).isEqualTo("x");
        assertThat(hub.stdinClosed.getCount()).isEqualTo(1);
    }

    @Test
    void withoutFramesBytesAreShownAsTheyAre() throws Exception {
        Client client = new Client("");
        CompletableFuture<End> end = serve(client, null, InputEnd.CLOSES_STDIN, false);
        hub.output(Source.STDOUT, bytes("a\r\n"));
        hub.close();
        assertThat(end.get()).isEqualTo(End.OUTPUT_ENDED);
        assertThat(client.shown()).isEqualTo("a\r\n");
    }

    @Test
    void aClientThatIsGoneEndsTheSession() throws Exception {
        Client client = new Client("");
        client.gone = true;
        CompletableFuture<End> end = serve(client, null, InputEnd.CLOSES_STDIN, true);
        hub.output(Source.STDOUT, bytes("lost"));
        assertThat(end.get()).isEqualTo(End.CLIENT_LEFT);
    }

    @Test
    void aClientThatLeavesASilentProcessEndsTheSession() throws Exception {
        Client client = new Client("");
        CompletableFuture<End> end = serve(client, null, InputEnd.CLOSES_STDIN, true);
        assertThat(hub.stdinClosed.await(5, TimeUnit.SECONDS)).isTrue();
        assertThat(end).isNotDone();
        client.left.run();
        assertThat(end.get()).isEqualTo(End.CLIENT_LEFT);
    }

    private CompletableFuture<End> serve(Client client, @Nullable DetachKeys keys, InputEnd inputEnd, boolean framed) {
        StreamSession session = new StreamSession(hub, hub.subscribe(true, true), client);
        session.pumpInput(keys, inputEnd);
        return CompletableFuture.supplyAsync(() -> {
            try {
                return session.pumpOutput(framed);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static final class Client implements ClientConnection {
        private final InputStream input;
        private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
        private volatile boolean gone;
        private volatile Runnable left = () -> {};

        Client(String typed) {
            input = new java.io.ByteArrayInputStream(bytes(typed));
        }

        String shown() {
            return shown.toString(ISO_8859_1);
        }

        @Override
        public InputStream input() {
            return input;
        }

        @Override
        public OutputStream output() {
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] data, int offset, int length) throws IOException {
                    if (gone) {
                        throw new IOException("Broken pipe");
                    }
                    shown.write(data, offset, length);
                }
            };
        }

        @Override
        public void whenLeft(Runnable action) {
            left = action;
        }

        @Override
        public void close() {
            gone = true;
        }
    }
}

package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.capas.errdefs.EngineException;
import dev.capas.oci.Json;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * An answer that is a sequence of JSON objects, one a line, each sent at once: the progress of a pull or load, and events.
 * A failure before the first line is answered with a status; after it, as a line of its own, for the status is sent by then.
 */
final class JsonStream {
    private final HttpServletResponse response;
    private boolean begun;

    JsonStream(HttpServletResponse response) {
        this.response = response;
        response.setContentType("application/json");
    }

    /** The line that tells of a failure after the stream began ({@code errorDetail} of the Engine API). */
    @JsonPropertyOrder({"errorDetail", "error"})
    record Failure(
            @JsonProperty("errorDetail") Detail errorDetail,
            @JsonProperty("error") String error) {
        record Detail(@JsonProperty("message") String message) {}
    }

    /** Sends the headers, so that the client knows that it is being served. */
    synchronized void begin() {
        begun = true;
        try {
            response.flushBuffer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Sends one line.
     *
     * @throws UncheckedIOException if the client is gone
     */
    synchronized void write(Object line) {
        begun = true;
        try {
            OutputStream out = response.getOutputStream();
            byte[] json = Json.MAPPER.writeValueAsBytes(line);
            out.write(json);
            out.write('\r');
            out.write('\n');
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells of the failure: as a line where the stream has begun, else by throwing it on. */
    synchronized void fail(EngineException failure) {
        if (!begun) {
            throw failure;
        }
        write(new Failure(new Failure.Detail(failure.getMessage()), failure.getMessage()));
    }
}

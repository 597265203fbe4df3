package dev.capas.api;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;

/** An answer in the form that the client accepts: JSON for programs, text for people who send {@code Accept: text/plain}. */
final class Answer {
    private static final MediaType TEXT = new MediaType(MediaType.TEXT_PLAIN, StandardCharsets.UTF_8);

    private Answer() {}

    /**
     * The same in both forms.
     *
     * @param text its {@code toString()} is what people read; not asked where the client wants JSON
     */
    static ResponseEntity<Object> of(HttpServletRequest request, Object json, Supplier<?> text) {
        return of(request, HttpStatus.OK, json, text);
    }

    /** The same with another status. */
    static ResponseEntity<Object> of(HttpServletRequest request, HttpStatus status, Object json, Supplier<?> text) {
        var answer = ResponseEntity.status(status).header("Vary", "Accept");
        return wantsText(request.getHeader("Accept"))
                ? answer.contentType(TEXT).body(text.get().toString())
                : answer.contentType(MediaType.APPLICATION_JSON).body(json);
    }

    /** Whether text is named, and not below JSON; a header that makes no sense asks for nothing. */
    private static boolean wantsText(@Nullable String accept) {
        if (accept == null) {
            return false;
        }
        try {
            double text = 0;
            double json = 0;
            for (MediaType accepted : MediaType.parseMediaTypes(accept)) {
                if (accepted.equalsTypeAndSubtype(MediaType.TEXT_PLAIN)) {
                    text = accepted.getQualityValue();
                } else if (accepted.equalsTypeAndSubtype(MediaType.APPLICATION_JSON)) {
                    json = accepted.getQualityValue();
                }
            }
            return text > 0 && text >= json;
        } catch (InvalidMediaTypeException e) {
            return false;
        }
    }
}

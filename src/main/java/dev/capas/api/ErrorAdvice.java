package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.errdefs.EngineException;
import io.swagger.v3.oas.annotations.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import org.apache.catalina.connector.Request;
import org.apache.coyote.ActionCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Tells clients of failures as Docker does: a status for each kind of error, and {@code {"message": "…"}}. */
@RestControllerAdvice
final class ErrorAdvice {
    private static final Logger log = LoggerFactory.getLogger(ErrorAdvice.class);

    /** The body of an answer that tells of a failure ({@code ErrorResponse} of the Engine API). */
    @Schema(name = "ErrorResponse")
    record Failure(@JsonProperty("message") String message) {}

    @ExceptionHandler
    ResponseEntity<Failure> failed(EngineException e, HttpServletResponse response) throws EngineException {
        if (response.isCommitted()) {
            throw e;
        }
        HttpStatus status = status(e.kind());
        if (e.kind() == EngineException.Kind.SYSTEM) {
            log.error(e.getMessage());
            log.debug("Because of", e.getCause());
        } else if (log.isDebugEnabled()) {
            log.debug("{}: {}", e.kind().name().toLowerCase(Locale.ROOT), e.getMessage());
        }
        return status == HttpStatus.NOT_MODIFIED
                ? ResponseEntity.status(status).build()
                : answer(status, e.getMessage());
    }

    @ExceptionHandler({
        NoHandlerFoundException.class,
        NoResourceFoundException.class,
        HttpRequestMethodNotSupportedException.class
    })
    ResponseEntity<Failure> unknownRoute() {
        return answer(HttpStatus.NOT_FOUND, "page not found");
    }

    @ExceptionHandler
    ResponseEntity<Failure> wrongParameter(MethodArgumentTypeMismatchException e) {
        return answer(HttpStatus.BAD_REQUEST, "invalid value '" + e.getValue() + "' for " + e.getName());
    }

    @ExceptionHandler
    ResponseEntity<Failure> noBody(HttpMessageNotReadableException e, HttpServletRequest request) {
        String type = request.getContentType();
        if (type != null && type.startsWith(MediaType.APPLICATION_FORM_URLENCODED_VALUE)) {
            return answer(
                    HttpStatus.BAD_REQUEST,
                    "unsupported Content-Type header (" + type + "): must be 'application/json'");
        }
        return answer(HttpStatus.BAD_REQUEST, "invalid JSON: got EOF while reading request body");
    }

    @ExceptionHandler
    ResponseEntity<Failure> noType(HttpMediaTypeNotSupportedException e, HttpServletRequest request) {
        return answer(
                HttpStatus.BAD_REQUEST,
                "malformed Content-Type header (" + request.getHeader("Content-Type")
                        + "): mime: expected token after slash");
    }

    /** The client is gone, or what it was being given cannot be read. Half an answer must not look like a whole one. */
    @ExceptionHandler({IOException.class, UncheckedIOException.class})
    @Nullable
    ResponseEntity<Failure> brokeOff(Exception e, HttpServletRequest request, HttpServletResponse response) {
        log.debug("The answer broke off", e);
        if (!response.isCommitted()) {
            return answer(HttpStatus.INTERNAL_SERVER_ERROR, String.valueOf(e.getMessage()));
        }
        Request tomcat = (Request) request.getAttribute(HijackValve.REQUEST);
        tomcat.getCoyoteRequest().action(ActionCode.CLOSE_NOW, e);
        return null;
    }

    @ExceptionHandler
    ResponseEntity<Failure> unexpected(Exception e, HttpServletResponse response) throws Exception {
        if (response.isCommitted()) {
            throw e;
        }
        if (e instanceof ErrorResponse refused && refused.getStatusCode().is4xxClientError()) {
            return answer(
                    refused.getStatusCode(), String.valueOf(refused.getBody().getDetail()));
        }
        log.error("Unexpected failure", e);
        return answer(HttpStatus.INTERNAL_SERVER_ERROR, "internal error, the log of the engine has the details");
    }

    private static ResponseEntity<Failure> answer(HttpStatusCode status, String message) {
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .body(new Failure(message));
    }

    static HttpStatus status(EngineException.Kind kind) {
        return switch (kind) {
            case INVALID_PARAMETER -> HttpStatus.BAD_REQUEST;
            case UNAUTHORIZED -> HttpStatus.UNAUTHORIZED;
            case FORBIDDEN -> HttpStatus.FORBIDDEN;
            case NOT_FOUND -> HttpStatus.NOT_FOUND;
            case CONFLICT -> HttpStatus.CONFLICT;
            case NOT_MODIFIED -> HttpStatus.NOT_MODIFIED;
            case SYSTEM -> HttpStatus.INTERNAL_SERVER_ERROR;
            case NOT_IMPLEMENTED -> HttpStatus.NOT_IMPLEMENTED;
            case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
        };
    }
}

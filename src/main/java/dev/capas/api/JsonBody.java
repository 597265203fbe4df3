package dev.capas.api;

import dev.capas.errdefs.EngineException;
import dev.capas.oci.Json;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ResolvableType;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.AbstractSmartHttpMessageConverter;
import org.springframework.util.InvalidMimeTypeException;
import org.springframework.util.MimeTypeUtils;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * Reads and writes JSON bodies as Docker does. A body must say that it is {@code application/json}; what is wrong with it is
 * told in the words of Go's {@code encoding/json}, which clients show to people.
 */
final class JsonBody extends AbstractSmartHttpMessageConverter<Object> {
    /** The longest body read, in bytes; dockerd has no limit, and no request comes near this one. */
    private static final int LONGEST = 32 << 20;

    /** Go never takes one type for another, not even the text of a number for the number. */
    static final JsonMapper STRICT = Json.MAPPER
            .rebuild()
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .withCoercionConfig(
                    LogicalType.Textual,
                    refused -> refused.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();

    JsonBody() {
        super(MediaType.APPLICATION_JSON, MediaType.ALL);
    }

    @Override
    protected boolean supports(Class<?> type) {
        return !CharSequence.class.isAssignableFrom(type) && type != byte[].class;
    }

    @Override
    public boolean canRead(ResolvableType type, @Nullable MediaType mediaType) {
        return supports(type.toClass());
    }

    @Override
    public boolean canWrite(ResolvableType type, Class<?> valueType, @Nullable MediaType mediaType) {
        return supports(valueType);
    }

    @Override
    public Object read(ResolvableType type, HttpInputMessage input, @Nullable Map<String, Object> hints)
            throws IOException {
        checkType(input);
        byte[] body = input.getBody().readNBytes(LONGEST + 1);
        if (body.length > LONGEST) {
            throw EngineException.invalidParameter("invalid JSON: http: request body too large");
        }
        return parse(body, STRICT.constructType(type.getType()));
    }

    private static void checkType(HttpInputMessage input) {
        String text = input.getHeaders().getFirst("Content-Type");
        if (text == null || text.isBlank()) {
            throw EngineException.invalidParameter("malformed Content-Type header (): mime: no media type");
        }
        String type;
        try {
            var parsed = MimeTypeUtils.parseMimeType(text);
            type = parsed.getType() + "/" + parsed.getSubtype();
        } catch (InvalidMimeTypeException e) {
            throw EngineException.invalidParameter(
                    "malformed Content-Type header (" + text + "): mime: invalid media parameter");
        }
        if (!type.equalsIgnoreCase("application/json")) {
            throw EngineException.invalidParameter(
                    "unsupported Content-Type header (" + type + "): must be 'application/json'");
        }
    }

    private static Object parse(byte[] body, JavaType type) {
        try {
            JsonParser parser = STRICT.createParser(body);
            if (parser.nextToken() == null) {
                throw EngineException.invalidParameter("invalid JSON: got EOF while reading request body");
            }
            Object value = STRICT.readValue(parser, type);
            if (hasMore(parser)) {
                throw EngineException.invalidParameter("unexpected content after JSON");
            }
            return value == null ? STRICT.readValue("{}", type) : value;
        } catch (JacksonException e) {
            throw EngineException.invalidParameter("invalid JSON: " + GoJson.explain(e, body, type));
        }
    }

    private static boolean hasMore(JsonParser parser) {
        try {
            return parser.nextToken() != null;
        } catch (JacksonException e) {
            return true;
        }
    }

    @Override
    protected void writeInternal(
            Object value, ResolvableType type, HttpOutputMessage output, @Nullable Map<String, Object> hints)
            throws IOException {
        byte[] json = Json.MAPPER.writeValueAsBytes(value);
        output.getHeaders().setContentLength(json.length + 1L);
        output.getBody().write(json);
        output.getBody().write('\n');
    }

    @Override
    protected MediaType getDefaultContentType(Object value) {
        return MediaType.APPLICATION_JSON;
    }
}

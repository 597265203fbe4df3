package dev.capas.oci;

import static java.time.format.DateTimeFormatter.ISO_INSTANT;

import java.time.Instant;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * The one JSON mapper of the engine: names of fields match whatever their case, unknown fields are ignored (as Go's
 * {@code encoding/json} has it), nesting and numbers are bounded. Types of the Engine API carry
 * {@code @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)}.
 */
public final class Json {
    /** Thread-safe and immutable. */
    public static final JsonMapper MAPPER = mapper(StreamReadConstraints.builder()
            .maxNestingDepth(200)
            .maxStringLength(16 << 20)
            .build());

    /** For documents that others wrote: nested deeper, with numbers of any length, and nothing may follow their end, as Go has it. */
    public static final JsonMapper FOREIGN = mapper(StreamReadConstraints.builder()
                    .maxNestingDepth(1000)
                    .maxStringLength(16 << 20)
                    .maxNumberLength(16 << 20)
                    .build())
            .rebuild()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static JsonMapper mapper(StreamReadConstraints constraints) {
        return JsonMapper.builder(
                        JsonFactory.builder().streamReadConstraints(constraints).build())
                .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                .addModule(new SimpleModule("time as Go writes it")
                        .addSerializer(Instant.class, new StdSerializer<Instant>(Instant.class) {
                            @Override
                            public void serialize(Instant value, JsonGenerator out, SerializationContext context) {
                                out.writeString(time(value));
                            }
                        }))
                .build();
    }

    private Json() {}

    /** The time as Go's {@code RFC3339Nano} has it, in UTC: as many digits of a second as it takes, up to nine. */
    public static String time(Instant instant) {
        String text = ISO_INSTANT.format(instant);
        int end = text.length() - 1;
        if (text.indexOf('.') >= 0) {
            while (text.charAt(end - 1) == '0') {
                end--;
            }
        }
        return text.substring(0, end) + "Z";
    }
}

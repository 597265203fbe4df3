package dev.capas.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.oci.Index;
import dev.capas.oci.Json;
import dev.capas.oci.Manifest;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/** Whatever clients and registries send as JSON is read, or refused with a reason. */
class JsonSyntaxTest {
    private static final String MANIFEST =
            "{\"schemaVersion\":2,\"mediaType\":\"m\",\"config\":{\"digest\":\"sha256:" + "a".repeat(64)
                    + "\",\"size\":7},\"layers\":[{\"digest\":\"sha512:" + "b".repeat(128)
                    + "\",\"size\":-1e3,\"urls\":[\"u\"]},null],\"manifests\":[{\"platform\":{\"os\":\"linux\"}}],\"annotations\":{\"a\":\"b\"}}";

    private static boolean isWellFormed(byte[] document) {
        try (JsonParser parser = Json.MAPPER.createParser(document)) {
            if (parser.nextToken() == null) {
                return false;
            }
            parser.skipChildren();
            return parser.currentToken().isScalarValue() ? !parser.getString().isEmpty() || document.length > 1 : true;
        } catch (JacksonException e) {
            return false;
        }
    }

    @Property
    void whatIsWellFormedHasNoFault(
            @ForAll
                    @StringLength(max = 12)
                    @Chars({'{', '}', '[', ']', '"', ':', ',', 'a', '1', '0', '-', '.', 'e', '\\', 'u', ' ', '\n'})
                    String text) {
        for (String document : new String[] {text, "{" + text + "}", "[" + text + "]", "\"" + text + "\""}) {
            byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
            if (isWellFormed(bytes)) {
                assertThat(JsonSyntax.fault(bytes)).as(document).isEmpty();
            } else {
                JsonSyntax.fault(bytes).ifPresent(words -> assertThat(words).isNotEmpty());
            }
        }
    }

    @Property
    void anyManifestIsReadOrRefused(@ForAll @IntRange(max = 400) int place, @ForAll byte value, @ForAll boolean cut) {
        byte[] document = MANIFEST.getBytes(StandardCharsets.UTF_8);
        int at = Math.min(place, document.length - 1);
        document[at] = value;
        byte[] given = cut ? java.util.Arrays.copyOf(document, at) : document;
        for (Class<?> type : new Class<?>[] {Manifest.class, Index.class}) {
            try {
                assertThat(Json.MAPPER.readValue(given, type)).isNotNull();
            } catch (JacksonException e) {
                assertThat(GoJson.explain(e, given, Json.MAPPER.constructType(type)))
                        .isNotEmpty();
            }
        }
    }
}

package dev.capas.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.errdefs.EngineException;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FiltersTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "null", "{}"})
    void filtersNothingWhereNothingIsAskedFor(String json) {
        assertThat(Filters.parse(json).isEmpty()).isTrue();
        assertThat(Filters.parse(null).isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[]",
                "\"x\"",
                "{\"label\":\"a\"}",
                "{\"label\":[1]}",
                "{\"label\":{\"a\":1}}",
                "nonsense",
                "{\"\":[\"x\"]}"
            })
    void refusesWhatIsNoFilter(String json) {
        assertThatThrownBy(() -> Filters.parse(json).accept("label"))
                .isInstanceOf(EngineException.class)
                .hasMessage("invalid filter");
    }

    @Test
    void refusesNamesThatAreNotAccepted() {
        assertThatThrownBy(() -> Filters.parse("{\"shape\":[\"x\"]}").accept("label", "dangling"))
                .hasMessage("invalid filter 'shape'");
        assertThat(Filters.parse("{\"label\":[\"x\"]}")
                        .accept("label", "dangling")
                        .contains("label"))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"dangling\":[\"true\"]} | true",
                "{\"dangling\":[\"1\"]} | true",
                "{\"dangling\":{\"false\":true}} | false",
                "{\"dangling\":[\"0\"]} | false",
                "{} | true"
            })
    void readsBooleans(String json, boolean expected) {
        assertThat(Filters.parse(json).getBoolean("dangling", true)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"dangling\":[\"x\"]} | invalid filter 'dangling=[x]'",
                "{\"dangling\":[\"true\",\"false\"]} | invalid filter 'dangling=[true false]'",
                "{\"dangling\":{\"true\":false}} | invalid filter 'dangling=[true]'",
                "{\"dangling\":[]} | invalid filter 'dangling'",
                "{\"dangling\":null} | invalid filter 'dangling'"
            })
    void refusesBooleansInDockersWords(String json, String message) {
        assertThatThrownBy(() -> Filters.parse(json).getBoolean("dangling", true))
                .hasMessage(message);
    }

    @Test
    void matchesLabelsByKeyAndByPair() {
        Map<String, String> labels = Map.of("a", "1", "b", "x=y");
        assertThat(Filters.of("label", "a").matchLabels(labels)).isTrue();
        assertThat(Filters.of("label", "a=1", "b=x=y").matchLabels(labels)).isTrue();
        assertThat(Filters.of("label", "a=2").matchLabels(labels)).isFalse();
        assertThat(Filters.of("label", "a", "c").matchLabels(labels)).isFalse();
        assertThat(Filters.of("label!", "a=1").matchLabels(labels)).isFalse();
        assertThat(Filters.of("label!", "c").matchLabels(labels)).isTrue();
        assertThat(Filters.of("label", "a").matchLabels(null)).isFalse();
        assertThat(Filters.NONE.matchLabels(null)).isTrue();
    }

    @Test
    void matchesNamesExactlyByPrefixAndByExpression() {
        Filters filters = Filters.of("name", "^/web", "[");
        assertThat(filters.matchExact("name", "/web-1")).isFalse();
        assertThat(filters.matchRegex("name", "/web-1")).isTrue();
        assertThat(filters.matchRegex("name", "/the/web")).isFalse();
        assertThat(filters.matchRegex("name", "[")).isTrue();
        assertThat(Filters.of("id", "abc").matchPrefix("id", "abcdef")).isTrue();
        assertThat(Filters.of("id", "abc").matchPrefix("id", "ab")).isFalse();
        assertThat(Filters.NONE.matchExact("name", null)).isTrue();
    }

    @Test
    void takesOnePointInTimeOnly() {
        assertThat(Filters.of("until", "12.5").getTimestamp("until")).hasToString("1970-01-01T00:00:12.500Z");
        assertThatThrownBy(() -> Filters.of("until", "1h", "2h").getTimestamp("until"))
                .hasMessage("more than one until filter specified");
    }

    @Property
    void anyTextIsAFilterOrRefused(
            @ForAll
                    @StringLength(max = 40)
                    @Chars({'{', '}', '[', ']', '"', ':', ',', 'a', 'l', '1', 't', '\\', 'é', ' ', '\0'})
                    String text,
            @ForAll @StringLength(max = 6) String value) {
        for (String json : List.of(text, "{\"a\":" + text + "}", "{\"a\":[\"" + text + "\"]}")) {
            try {
                Filters filters = Filters.parse(json).and("a", value);
                assertThat(filters.isEmpty()).isFalse();
                assertThat(filters.matchExact("a", value)).isTrue();
                assertThat(filters.matchRegex("a", value)).isTrue();
                assertThat(filters.matchLabels(Map.of("a", value))).isTrue();
                assertThat(filters.getBoolean("b", true)).isTrue();
                filters.getTimestamp("a");
            } catch (EngineException e) {
                assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_PARAMETER);
            }
        }
    }
}

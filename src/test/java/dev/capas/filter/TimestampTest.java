package dev.capas.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.errdefs.EngineException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampTest {
    private static final Instant NOW = Instant.parse("2020-06-01T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "0, 1970-01-01T00:00:00Z",
        "1136073600, 2006-01-01T00:00:00Z",
        "1136073600.000000001, 2006-01-01T00:00:00.000000001Z",
        "1136073600.5, 2006-01-01T00:00:00.500Z",
        "1.99999999999, 1970-01-01T00:00:01.999999999Z"
    })
    void readsUnixSeconds(String text, Instant expected) {
        assertThat(Timestamp.parseUnix(text)).isEqualTo(expected);
        assertThat(Timestamp.parse(text, NOW)).isEqualTo(expected);
    }

    @Test
    void takesNothingForNone() {
        assertThat(Timestamp.parseUnix(null)).isNull();
        assertThat(Timestamp.parseUnix("")).isNull();
        assertThat(Timestamp.parseUnix("-1")).isNull();
        assertThat(Timestamp.parseAnyUnix("-1")).isEqualTo(Instant.ofEpochSecond(-1));
        assertThat(Timestamp.parseAnyUnix("")).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "abc, strconv.ParseInt: parsing \"abc\": invalid syntax",
        "1.x, strconv.ParseInt: parsing \"x\": invalid syntax",
        "1., strconv.ParseInt: parsing \"\": invalid syntax",
        "9999999999999999999999, strconv.ParseInt: parsing \"9999999999999999999999\": value out of range"
    })
    void refusesWhatIsNoUnixTimeInGosWords(String text, String message) {
        assertThatThrownBy(() -> Timestamp.parseUnix(text))
                .isInstanceOf(EngineException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource({
        "90m, 2020-06-01T10:30:00Z",
        "1h30m, 2020-06-01T10:30:00Z",
        "1.5h, 2020-06-01T10:30:00Z",
        "-10s, 2020-06-01T12:00:10Z",
        "0s, 2020-06-01T12:00:00Z",
        "2020-01-02Z, 2020-01-02T00:00:00Z",
        "2020-01-02T03Z, 2020-01-02T03:00:00Z",
        "2020-01-02T03:04Z, 2020-01-02T03:04:00Z",
        "2020-01-02T03:04:05Z, 2020-01-02T03:04:05Z",
        "2020-01-02T03:04:05.25+01:00, 2020-01-02T02:04:05.250Z",
        "2020-01-02T03:04:05-03:00, 2020-01-02T06:04:05Z"
    })
    void readsDurationsAndDates(String text, Instant expected) {
        assertThat(Timestamp.parse(text, NOW)).isEqualTo(expected);
    }

    @Test
    void takesLocalTimeWhereNoZoneIsGiven() {
        assertThat(Timestamp.parse("2020-01-02", NOW))
                .isEqualTo(LocalDate.of(2020, 1, 2)
                        .atStartOfDay(ZoneId.systemDefault())
                        .toInstant());
    }

    @ParameterizedTest
    @CsvSource({
        "2020-13-01, parsing time \"2020-13-01\": month out of range",
        "2020-02-30, parsing time \"2020-02-30\": day out of range"
    })
    void saysWhatIsOutOfRange(String text, String message) {
        assertThatThrownBy(() -> Timestamp.parse(text, NOW)).hasMessage(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"xx", "3d", "1h30x", "h", ".h", "1.2.3h", "10:20"})
    void refusesWhatIsNoTime(String text) {
        assertThatThrownBy(() -> Timestamp.parse(text, NOW))
                .hasMessage("failed to parse value as time or duration: \"" + text + "\"");
    }
}

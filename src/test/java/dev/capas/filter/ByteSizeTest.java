package dev.capas.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.errdefs.EngineException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ByteSizeTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "18, 18",
        "18B, 18",
        "10k, 10000",
        "10kB, 10000",
        "200MB, 200000000",
        "1.5GB, 1500000000",
        "1.5 gb, 1500000000",
        "0.0005MB, 500",
        "1.9999kB, 1999",
        "2TB, 2000000000000",
        "9.2EB, 9200000000000000000",
        "9223372036854775807, 9223372036854775807"
    })
    void readsWhatTheCommandLinePrints(String text, long bytes) {
        assertThat(ByteSize.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "9223372036854775808, it is too large",
        "9.3EB, it is too large",
        "99999999999999999999999999999, it is too large",
        "-1, it is negative",
        "-200MB, it is negative",
        "10XB, 'the units are B, kB, MB, GB, TB, PB, EB, each 1000 of the one before'",
        "10MiB, 'the units are B, kB, MB, GB, TB, PB, EB, each 1000 of the one before'",
        "'', 'a number with a unit is needed, such as 200MB'",
        "MB, 'a number with a unit is needed, such as 200MB'",
        "1e9, 'a number with a unit is needed, such as 200MB'",
        "0x10, 'a number with a unit is needed, such as 200MB'",
        "' 5MB', 'a number with a unit is needed, such as 200MB'",
        "1.MB, 'a number with a unit is needed, such as 200MB'"
    })
    void saysWhatIsWrong(String text, String why) {
        assertThatThrownBy(() -> ByteSize.parse(text))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        e -> assertThat(e.kind()).isEqualTo(EngineException.Kind.INVALID_PARAMETER))
                .hasMessage("invalid size '" + text + "': " + why);
    }

    /** As {@code docker system df} of 28.5 prints them. */
    @ParameterizedTest
    @CsvSource({
        "0, 0B",
        "18, 18B",
        "999, 999B",
        "1000, 1kB",
        "4425738, 4.426MB",
        "1234500, 1.234MB",
        "1235500, 1.236MB",
        "999999, 1000kB",
        "212000000, 212MB",
        "1500000000, 1.5GB",
        "9223372036854775807, 9.223EB",
        "-18, -18B",
        "-1500000000, -1.5GB"
    })
    void printsWhatTheCommandLineDoes(long bytes, String text) {
        assertThat(ByteSize.format(bytes)).isEqualTo(text);
    }
}

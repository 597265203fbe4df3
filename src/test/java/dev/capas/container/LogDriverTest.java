package dev.capas.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.capas.container.HostConfig.LogConfig;
import dev.capas.errdefs.EngineException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The words are those of dockerd 28.5.2. */
class LogDriverTest {
    @Test
    void limits() {
        assertThat(LogDriver.of(new LogConfig("json-file", null))).isEqualTo(new LogDriver(true, 0, 1));
        assertThat(LogDriver.of(new LogConfig("json-file", Map.of("max-size", "10m", "max-file", "3"))))
                .isEqualTo(new LogDriver(true, 10_000_000, 3));
        assertThat(LogDriver.of(new LogConfig("local", null))).isEqualTo(new LogDriver(true, 20_000_000, 5));
        assertThat(LogDriver.of(new LogConfig("none", Map.of("foo", "10m"))).kept())
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({"1k,1000", "1K,1000", "1.5kb,1500", "100,100", "2 GiB,2000000000"})
    void sizesAreDecimal(String text, long bytes) {
        assertThat(LogDriver.of(new LogConfig("json-file", Map.of("max-size", text)))
                        .maxSize())
                .isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "max-size,abc,invalid size: 'abc'",
                "max-size,-1,invalid size: '-1'",
                "max-file,0,max-file cannot be less than 1",
                "max-file,-1,max-file cannot be less than 1",
                "compress,x,`strconv.ParseBool: parsing \"x\": invalid syntax`",
                "compress,true,compress cannot be true when max-file is less than 2 or max-size is not set"
            })
    void aStartRefusesWhatItCannotRead(String option, String value, String words) {
        assertThatThrownBy(() -> LogDriver.of(new LogConfig("json-file", Map.of(option, value))))
                .isInstanceOf(EngineException.class)
                .hasMessage("failed to create task for container: failed to initialize logging driver: " + words);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "max-size,x,invalid value for max-size: x: invalid size: 'x'",
                "max-file,x,`invalid value for max-file: x: strconv.Atoi: parsing \"x\": invalid syntax`",
                "max-file,1,compression cannot be enabled when max file count is 1",
                "max-file,-1,max file count cannot be less than 0"
            })
    void theDriverLocalHasWordsOfItsOwn(String option, String value, String words) {
        assertThatThrownBy(() -> LogDriver.of(new LogConfig("local", Map.of(option, value))))
                .hasMessage("failed to create task for container: failed to initialize logging driver: " + words);
        assertThat(LogDriver.of(new LogConfig("local", Map.of("max-size", "0", "max-file", "0", "compress", "false"))))
                .isEqualTo(new LogDriver(true, 0, 1));
    }

    @ParameterizedTest
    @CsvSource({
        "json-file,foo,x,unknown log opt 'foo' for json-file log driver",
        "local,env,x,unknown log opt 'env' for log driver local",
        "nope,a,x,error looking up logging plugin nope: plugin \"nope\" not found",
        "local,foo,x,unknown log opt 'foo' for log driver local",
        "json-file,mode,x,logger: logging mode not supported: x"
    })
    void aCreateRefusesWhatItDoesNotKnow(String type, String option, String value, String words) {
        assertThatThrownBy(() -> LogDriver.check(new LogConfig(type, Map.of(option, value))))
                .isInstanceOf(EngineException.class)
                .hasMessage(words)
                .extracting(e -> ((EngineException) e).kind())
                .isEqualTo(EngineException.Kind.INVALID_PARAMETER);
        LogDriver.check(new LogConfig("none", Map.of(option, value.equals("x") && option.equals("mode") ? "" : value)));
    }
}

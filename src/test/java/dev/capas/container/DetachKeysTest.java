package dev.capas.container;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DetachKeysTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'';'\u0010\u0011'",
                "a,b;'ab'",
                "ctrl-@,x;'\0x'",
                "ctrl-a;'\u0001'",
                "ctrl-z,ctrl-\\,ctrl-_;'\u001a\u001c\u001f'",
                "DEL;'\u007f'"
            })
    void detaches(String notation, String typed) {
        DetachKeys keys = DetachKeys.parse(notation).orElseThrow();
        assertThat(type(keys, "before" + typed + "after")).isEqualTo("before|");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ctrl-", "ctrl-A", "ctrl-xx", "ab", "a,,b", ",", "é", "del"})
    void refusesWhatDockerRefuses(String notation) {
        assertThat(DetachKeys.parse(notation)).isEmpty();
    }

    /** As dockerd does: the key that breaks a sequence does not begin one. */
    @ParameterizedTest
    @CsvSource({"xay,xay", "aab,aab", "aaab,aa|", "acb,acb", "xa,x"})
    void halfASequenceIsTypedAfterAll(String typed, String passed) {
        assertThat(type(DetachKeys.parse("a,b").orElseThrow(), typed)).isEqualTo(passed);
    }

    private static String type(DetachKeys keys, String typed) {
        StringBuilder passed = new StringBuilder();
        for (char c : typed.toCharArray()) {
            boolean goesOn = keys.accept(new byte[] {(byte) c}, 1);
            passed.append(new String(keys.passed(), ISO_8859_1));
            if (!goesOn) {
                return passed.append('|').toString();
            }
        }
        return passed.toString();
    }
}

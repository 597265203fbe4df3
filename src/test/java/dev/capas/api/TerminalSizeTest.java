package dev.capas.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The words are those of dockerd 28.5.2. */
class TerminalSizeTest {
    @Test
    void onlySixteenBitsCount() {
        assertThat(TerminalSize.parse("24", "99999999")).isEqualTo(new TerminalSize(24, 99_999_999 & 0xffff));
    }

    @ParameterizedTest
    @CsvSource({
        "a,20,height,a,invalid syntax",
        "'',20,height,'',invalid syntax",
        "-1,20,height,-1,value out of range",
        "1,99999999999,width,99999999999,value out of range"
    })
    void refusals(String height, String width, String what, String which, String why) {
        assertThatThrownBy(() -> TerminalSize.parse(height, width))
                .hasMessage("invalid resize " + what + " \"" + which + "\": " + why);
    }
}

package dev.capas.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;

class TextTableTest {
    /** As {@code docker volume ls} and {@code docker images} set theirs. */
    @Test
    void alignsAsTheDockerCommandLine() {
        TextTable table = new TextTable("ID", "REPOSITORY", "SIZE")
                .row("a", "registry.example/some/name", 12)
                .row("é", "", "1kB");
        assertThat(table).hasToString("""
                ID        REPOSITORY                   SIZE
                a         registry.example/some/name   12
                é                                      1kB
                """);
    }

    @Test
    void showsWhatWouldMoveTheTerminal() {
        assertThat(new TextTable("NAME").row("a\u001b[2Jb\nc\t\u202ed"))
                .hasToString("NAME\na\\u001b[2Jb\\u000ac\\u0009\\u202ed\n");
    }

    @Test
    void everyRowHasAllCells() {
        assertThatThrownBy(() -> new TextTable("A", "B").row("a")).hasMessage("1 cells under 2 headings");
    }

    @ParameterizedTest
    @CsvSource(
            value = {
                "text/plain; true",
                "text/plain, */*; true",
                "application/json; false",
                "application/json, text/plain;q=0.9, */*; false",
                "text/html, application/xhtml+xml, */*;q=0.8; false",
                "*/*; false",
                "text/; false",
                "; false"
            },
            delimiterString = "; ")
    void isSentToWhomAcceptsText(String accept, boolean text) {
        var request = new MockHttpServletRequest("GET", "/layers");
        if (accept != null) {
            request.addHeader("Accept", accept);
        }
        Object body =
                Answer.of(request, List.of("json"), () -> new TextTable("TEXT")).getBody();
        assertThat(body).isEqualTo(text ? "TEXT\n" : List.of("json"));
    }
}

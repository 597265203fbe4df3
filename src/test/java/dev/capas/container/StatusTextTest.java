package dev.capas.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTextTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    @ParameterizedTest
    @CsvSource({
        "0, Less than a second",
        "1, 1 second",
        "59, 59 seconds",
        "60, About a minute",
        "120, 2 minutes",
        "3599, 59 minutes",
        "3600, About an hour",
        "7200, 2 hours",
        "172799, 2 days",
        "1209600, 2 weeks",
        "5184000, 2 months",
        "63072000, 2 years"
    })
    void tellsAges(long seconds, String text) {
        assertThat(StatusText.text(Duration.ofSeconds(seconds))).isEqualTo(text);
    }

    @Test
    void tellsStates() {
        State running = State.CREATED.started(7, NOW.minusSeconds(120));
        assertThat(StatusText.of(State.CREATED, null, NOW)).isEqualTo("Created");
        assertThat(StatusText.of(running, null, NOW)).isEqualTo("Up 2 minutes");
        assertThat(StatusText.of(running, Health.STARTING, NOW)).isEqualTo("Up 2 minutes (health: starting)");
        Health unhealthy = Health.STARTING.unwatched();
        assertThat(StatusText.of(running, unhealthy, NOW)).isEqualTo("Up 2 minutes (unhealthy)");
        assertThat(StatusText.of(running.with(State.Status.PAUSED), unhealthy, NOW))
                .isEqualTo("Up 2 minutes (Paused)");
        assertThat(StatusText.of(running.ended(State.Status.EXITED, 137, NOW.minusSeconds(3), false, ""), null, NOW))
                .isEqualTo("Exited (137) 3 seconds ago");
        assertThat(StatusText.of(running.ended(State.Status.RESTARTING, 1, NOW.minusSeconds(1), false, ""), null, NOW))
                .isEqualTo("Restarting (1) 1 second ago");
    }

    @Test
    void aFailedStartStaysWhatItWas() {
        assertThat(State.CREATED.failed(127, "nope").status()).isEqualTo(State.Status.CREATED);
        State ended = State.CREATED.started(7, NOW).ended(State.Status.RESTARTING, 1, NOW, false, "");
        assertThat(ended.failed(127, "nope").status()).isEqualTo(State.Status.EXITED);
    }
}

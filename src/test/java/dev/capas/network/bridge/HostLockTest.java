package dev.capas.network.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class HostLockTest {
    @Test
    void whoComesSecondWaitsForTheFirst() throws Exception {
        CompletableFuture<HostLock> second;
        try (HostLock first = HostLock.take()) {
            assertThat(first).isNotNull();
            second = CompletableFuture.supplyAsync(HostLockTest::take);
            assertThatThrownBy(() -> second.get(50, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
        }
        second.get(5, TimeUnit.SECONDS).close();
    }

    private static HostLock take() {
        try {
            return HostLock.take();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}

package dev.capas.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.capas.filter.Filters;
import dev.capas.oci.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

class EventBusTest {
    private static final Duration NOT_LONG = Duration.ofMillis(20);

    private final EventBus bus = new EventBus();

    @Test
    void writesContainerEventsAsDockerDoes() throws Exception {
        try (Subscription subscription = bus.subscribe(null, null, Filters.NONE)) {
            bus.publish("container", "die", "abc", Map.of("name", "n", "image", "busybox", "exitCode", "0"));
            Event event = subscription.next(NOT_LONG);
            assertThat(Json.MAPPER.writeValueAsString(event))
                    .isEqualTo(
                            "{\"status\":\"die\",\"id\":\"abc\",\"from\":\"busybox\",\"Type\":\"container\",\"Action\":\"die\","
                                    + "\"Actor\":{\"ID\":\"abc\",\"Attributes\":{\"exitCode\":\"0\",\"image\":\"busybox\",\"name\":\"n\"}},"
                                    + "\"scope\":\"local\",\"time\":" + event.time() + ",\"timeNano\":"
                                    + event.timeNano() + "}");
        }
    }

    @Test
    void writesOtherEventsWithoutTheOldFields() throws Exception {
        try (Subscription subscription = bus.subscribe(null, null, Filters.NONE)) {
            bus.publish("volume", "create", "v", Map.of("driver", "local"));
            assertThat(Json.MAPPER.writeValueAsString(subscription.next(NOT_LONG)))
                    .startsWith("{\"Type\":\"volume\",\"Action\":\"create\",\"Actor\":{\"ID\":\"v\",");
        }
    }

    @Test
    void remembersTheLast256() {
        for (int i = 0; i < 300; i++) {
            bus.publish("volume", "create", "v" + i, Map.of());
        }
        try (Subscription all = bus.subscribe(Instant.EPOCH, null, Filters.NONE)) {
            assertThat(all.past()).hasSize(256);
            assertThat(all.past().getFirst().actor().id()).isEqualTo("v44");
            Instant since = all.past().get(250).at();
            try (Subscription some = bus.subscribe(since, null, Filters.NONE);
                    Subscription none = bus.subscribe(null, null, Filters.NONE);
                    Subscription until = bus.subscribe(null, all.past().get(2).at(), Filters.NONE)) {
                assertThat(some.past()).hasSize(6);
                assertThat(none.past()).isEmpty();
                assertThat(until.past()).hasSize(3);
            }
        }
    }

    @Test
    void cutsASlowReaderAndHoldsUpNobody() throws Exception {
        try (Subscription slow = bus.subscribe(null, null, Filters.NONE)) {
            for (int i = 0; i < 2000; i++) {
                bus.publish("volume", "create", "v" + i, Map.of());
            }
            assertThat(slow.isCut()).isTrue();
            assertThat(bus.subscribers()).isZero();
            assertThat(slow.next(NOT_LONG).actor().id()).isEqualTo("v0");
        }
    }

    @Test
    void tellsAfterTheCommitOnly() throws Exception {
        try (Subscription subscription = bus.subscribe(null, null, Filters.NONE)) {
            TransactionSynchronizationManager.initSynchronization();
            try {
                bus.publish("volume", "create", "v", Map.of());
                assertThat(subscription.next(NOT_LONG)).isNull();
                List.copyOf(TransactionSynchronizationManager.getSynchronizations())
                        .forEach(TransactionSynchronization::afterCommit);
            } finally {
                TransactionSynchronizationManager.clearSynchronization();
            }
            assertThat(subscription.next(NOT_LONG).actor().id()).isEqualTo("v");
        }
    }

    @Test
    void filtersByTypeActionActorImageAndLabel() {
        Event die = Event.of(
                "container",
                "die",
                "abcdef",
                Map.of("name", "web", "image", "busybox:1", "k", "v"),
                Map.of(),
                Instant.now());
        Event exec = Event.of("container", "exec_create: sh -c x", "abcdef", Map.of(), Map.of(), Instant.now());
        Event tag = Event.of("image", "tag", "sha256:1", Map.of("name", "busybox:1"), Map.of(), Instant.now());
        assertThat(includes("{\"type\":[\"container\"]}", die)).isTrue();
        assertThat(includes("{\"type\":[\"container\"]}", tag)).isFalse();
        assertThat(includes("{\"event\":[\"die\"]}", exec)).isFalse();
        assertThat(includes("{\"event\":[\"exec_create\"]}", exec)).isTrue();
        assertThat(includes("{\"container\":[\"abc\"]}", die)).isTrue();
        assertThat(includes("{\"container\":[\"web\"]}", die)).isTrue();
        assertThat(includes("{\"container\":[\"web2\"]}", die)).isFalse();
        assertThat(includes("{\"image\":[\"busybox\"]}", die)).isTrue();
        assertThat(includes("{\"image\":[\"busybox:1\"]}", tag)).isTrue();
        assertThat(includes("{\"image\":[\"alpine\"]}", die)).isFalse();
        assertThat(includes("{\"label\":[\"k=v\"]}", die)).isTrue();
        assertThat(includes("{\"label\":[\"k=w\"]}", die)).isFalse();
        assertThat(includes("{\"shape\":[\"round\"]}", die)).isTrue();
    }

    private static boolean includes(String filters, Event event) {
        return new EventFilter(Filters.parse(filters), labels -> true).includes(event);
    }
}

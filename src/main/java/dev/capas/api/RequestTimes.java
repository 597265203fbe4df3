package dev.capas.api;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/** How long answers took since the engine started, by method. Those that last as long as their client listens are not among them. */
@Component
final class RequestTimes extends ValveBase implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {
    /** The attribute of a request whose answer lasts as long as its client listens. */
    static final String LASTING = RequestTimes.class.getName();

    /** Where the buckets end, in seconds; one more has no end. */
    static final List<Double> ENDS =
            List.of(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0);

    private static final double NANOS = 1e9;
    private static final String OTHER = "other";

    private final Map<String, Counts> byMethod = new LinkedHashMap<>();

    RequestTimes() {
        super(true);
        List.of("GET", "HEAD", "POST", "PUT", "DELETE", OTHER).forEach(method -> byMethod.put(method, new Counts()));
    }

    /** The answers to requests of one method. */
    private record Counts(LongAdder[] buckets, LongAdder nanos) {
        Counts() {
            this(Stream.generate(LongAdder::new).limit(ENDS.size() + 1L).toArray(LongAdder[]::new), new LongAdder());
        }
    }

    /**
     * What was counted of one method.
     *
     * @param counts how many ended in each bucket
     * @param seconds the sum of all
     */
    record Histogram(List<Long> counts, double seconds) {}

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addEngineValves(this);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        long begin = System.nanoTime();
        try {
            getNext().invoke(request, response);
        } finally {
            if (request.getAttribute(LASTING) == null) {
                add(request.getMethod(), System.nanoTime() - begin);
            }
        }
    }

    void add(String method, long nanos) {
        Counts counts = byMethod.getOrDefault(method, byMethod.get(OTHER));
        int bucket = 0;
        while (bucket < ENDS.size() && nanos > ENDS.get(bucket) * NANOS) {
            bucket++;
        }
        counts.buckets[bucket].increment();
        counts.nanos.add(nanos);
    }

    /** What was counted, by method. */
    Map<String, Histogram> histograms() {
        Map<String, Histogram> histograms = new LinkedHashMap<>();
        byMethod.forEach((method, counts) -> histograms.put(
                method,
                new Histogram(Arrays.stream(counts.buckets).map(LongAdder::sum).toList(), counts.nanos.sum() / NANOS)));
        return histograms;
    }
}

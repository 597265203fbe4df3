package dev.capas.api;

import dev.capas.container.ContainerSummary;
import dev.capas.container.State;
import dev.capas.usage.Figures;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The figures of the engine as Prometheus reads them. */
final class Metrics {
    private Metrics() {}

    static void write(
            Figures.Totals totals,
            Map<String, RequestTimes.Histogram> times,
            List<ContainerSummary> measured,
            HttpServletResponse response)
            throws IOException {
        List<MetricSnapshot> metrics = new ArrayList<>(List.of(
                gauge("capas_layers", "Layers, each once.", totals.layers().count()),
                gauge(
                        "capas_layers_bytes",
                        "Apparent bytes of all layers.",
                        totals.layers().size()),
                gauge(
                        "capas_layers_allocated_bytes",
                        "Allocated bytes of all layers.",
                        totals.layers().diskUsage()),
                gauge(
                        "capas_layers_shared_bytes",
                        "Apparent bytes of the layers that several images list.",
                        totals.layers().shared()),
                gauge(
                        "capas_layers_reclaimable_bytes",
                        "Apparent bytes of the layers that no container needs.",
                        totals.layers().reclaimable()),
                gauge("capas_images", "Images.", totals.images()),
                gauge("capas_logs_bytes", "Bytes of the logs of containers.", totals.logs()),
                gauge(
                        "capas_volumes_bytes",
                        "Apparent bytes of volumes, as they were last measured.",
                        totals.volumes().size()),
                gauge(
                        "capas_volumes_allocated_bytes",
                        "Allocated bytes of volumes, as they were last measured.",
                        totals.volumes().diskUsage()),
                gauge("capas_data_root_free_bytes", "Bytes left on the file system of the data root.", totals.free()),
                gauge("capas_data_root_size_bytes", "Bytes of the file system of the data root.", totals.total()),
                states(totals.containers()),
                CounterSnapshot.builder()
                        .name("capas_pulls")
                        .help("Pulls of images since the engine started.")
                        .dataPoint(counted("success", totals.pulls()))
                        .dataPoint(counted("failure", totals.failedPulls()))
                        .build(),
                requests(times)));
        if (!measured.isEmpty()) {
            GaugeSnapshot.Builder sizes = GaugeSnapshot.builder()
                    .name("capas_container_size_rw_bytes")
                    .help("Apparent bytes that a container has written.");
            measured.forEach(container -> sizes.dataPoint(value(
                    container.sizeRw(),
                    Labels.of(
                            "id",
                            container.id(),
                            "name",
                            container.names().getFirst().substring(1)))));
            metrics.add(sizes.build());
        }
        PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
        response.setContentType(writer.getContentType());
        writer.write(response.getOutputStream(), new MetricSnapshots(metrics));
    }

    private static GaugeSnapshot gauge(String name, String help, long value) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(value(value, Labels.EMPTY))
                .build();
    }

    private static GaugeSnapshot states(Map<State.Status, Integer> counts) {
        GaugeSnapshot.Builder states =
                GaugeSnapshot.builder().name("capas_containers").help("Containers by state.");
        for (State.Status status : State.Status.values()) {
            states.dataPoint(value(counts.getOrDefault(status, 0), Labels.of("state", status.text())));
        }
        return states.build();
    }

    private static GaugeDataPointSnapshot value(long value, Labels labels) {
        return GaugeDataPointSnapshot.builder().value(value).labels(labels).build();
    }

    private static CounterDataPointSnapshot counted(String result, long count) {
        return CounterDataPointSnapshot.builder()
                .value(count)
                .labels(Labels.of("result", result))
                .build();
    }

    private static HistogramSnapshot requests(Map<String, RequestTimes.Histogram> times) {
        List<Double> ends = new ArrayList<>(RequestTimes.ENDS);
        ends.add(Double.POSITIVE_INFINITY);
        HistogramSnapshot.Builder requests = HistogramSnapshot.builder()
                .name("capas_request_duration_seconds")
                .help("How long answers took, but for those that last as long as somebody listens.");
        times.forEach((method, histogram) -> requests.dataPoint(HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(ClassicHistogramBuckets.of(ends, List.<Number>copyOf(histogram.counts())))
                .sum(histogram.seconds())
                .labels(Labels.of("method", method))
                .build()));
        return requests.build();
    }
}

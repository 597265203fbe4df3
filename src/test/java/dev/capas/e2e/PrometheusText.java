package dev.capas.e2e;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads Prometheus' text format (0.0.4), and takes nothing that a strict scraper would not. */
final class PrometheusText {
    private static final Pattern HELP = Pattern.compile("# HELP (capas_[a-z_]+) (\\S.*)");
    private static final Pattern TYPE = Pattern.compile("# TYPE (capas_[a-z_]+) (counter|gauge|histogram)");
    private static final Pattern SAMPLE =
            Pattern.compile("(capas_[a-z_]+)(\\{(?:[a-z]+=\"(?:[^\"\\\\\n]|\\\\[\\\\\"n])*\",?)*})? (\\S+)");

    private final Map<String, String> types = new LinkedHashMap<>();
    private final Map<String, Double> samples = new LinkedHashMap<>();
    private String family = "";

    private PrometheusText() {}

    /**
     * The values by name and labels, as they stand in the text.
     *
     * @throws AssertionError if it is no such text
     */
    static Map<String, Double> parse(String text) {
        PrometheusText read = new PrometheusText();
        check(text.endsWith("\n"), "the last line has no end");
        text.lines().forEach(read::line);
        read.checkHistograms();
        return read.samples;
    }

    private void line(String line) {
        Matcher help = HELP.matcher(line);
        Matcher type = TYPE.matcher(line);
        Matcher sample = SAMPLE.matcher(line);
        if (help.matches()) {
            return;
        } else if (type.matches()) {
            family = type.group(1);
            check(types.put(family, type.group(2)) == null, "twice: " + line);
            return;
        }
        check(sample.matches(), "neither a comment nor a sample: " + line);
        String kind = types.getOrDefault(family, "");
        String suffix = sample.group(1).startsWith(family) ? sample.group(1).substring(family.length()) : "?";
        check(
                kind.equals("histogram") ? suffix.matches("_bucket|_sum|_count") : suffix.isEmpty(),
                "not of the family before it: " + line);
        check(!kind.equals("counter") || family.endsWith("_total"), "a counter that is not called so: " + line);
        double value = Double.parseDouble(sample.group(3));
        check(value >= 0 && !Double.isInfinite(value), "no amount: " + line);
        String key = sample.group(1) + (sample.group(2) == null ? "" : sample.group(2));
        check(samples.put(key, value) == null, "twice: " + line);
    }

    /** Buckets grow, and the last one has all. */
    private void checkHistograms() {
        Map<String, Double> largest = new LinkedHashMap<>();
        samples.forEach((key, value) -> {
            if (key.contains("_bucket{")) {
                String series = key.replaceAll(",?le=\"[^\"]*\"", "").replace("_bucket{", "_count{");
                check(value >= largest.getOrDefault(series, 0.0), "fewer than in the bucket before: " + key);
                largest.put(series, value);
                check(!key.contains("+Inf") || value.equals(samples.get(series)), "not all: " + key);
            }
        });
        check(
                samples.keySet().stream().filter(key -> key.contains("+Inf")).count() == largest.size(),
                "no last bucket");
    }

    private static void check(boolean right, String what) {
        if (!right) {
            throw new AssertionError(what);
        }
    }
}

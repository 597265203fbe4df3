package dev.capas.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.capas.filter.ByteSize;
import dev.capas.usage.Budget;
import dev.capas.usage.LayerStep;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.annotation.JsonNaming;

/** Budgets as the answers of the API show them. */
final class BudgetResponses {
    private static final int LONGEST_COMMAND = 80;

    private BudgetResponses() {}

    /**
     * Whether an image weighs what it may.
     *
     * @param id the digest of the image's configuration
     * @param passed whether every rule holds that does not only warn
     * @param rules all that were asked for
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "Budget")
    record Checked(@JsonProperty("ID") String id, boolean passed, List<Rule> rules) {}

    /**
     * A rule and what it found.
     *
     * @param name the parameter that gave it: {@code max}, {@code maxGrowth} or {@code maxWasted}
     * @param limit in bytes
     * @param actual in bytes; a growth may be negative
     * @param result {@code passed}, {@code warned} or {@code failed}
     * @param layers the ten with the largest share in a rule that does not hold; of wasted bytes those that hide them
     * @param files the ten with the largest share in a rule that does not hold
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "BudgetRule")
    record Rule(String name, long limit, long actual, String result, List<Layer> layers, List<File> files) {}

    /**
     * A layer that helps to break a rule.
     *
     * @param diffId the digest of its uncompressed tar
     * @param position 0 at the bottom
     * @param createdBy the step of the history that made it; empty where the image does not say
     * @param size its share, in bytes
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @Schema(name = "BudgetLayer")
    record Layer(@JsonProperty("DiffID") String diffId, int position, String createdBy, long size) {
        static Layer of(LayerStep layer) {
            return new Layer(layer.diffId().toString(), layer.position(), layer.createdBy(), layer.size());
        }
    }

    /**
     * A file that helps to break a rule.
     *
     * @param path with a leading slash; what is no UTF-8 is U+FFFD in it
     * @param encodedPath the same percent-encoded; only where the text is not exact
     * @param size its share, in bytes
     * @param layer the DiffID of the layer where these bytes are
     * @param hiddenBy the DiffID of the layer because of which nobody sees them; only of wasted bytes
     */
    @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @Schema(name = "BudgetFile")
    record File(
            String path,
            @Nullable String encodedPath,
            long size,
            String layer,
            @Nullable String hiddenBy) {
        static File of(Budget.File file) {
            LayerStep hiddenBy = file.hiddenBy();
            return new File(
                    file.path().text(),
                    file.path().encoded(),
                    file.size(),
                    file.layer().diffId().toString(),
                    hiddenBy == null ? null : hiddenBy.diffId().toString());
        }
    }

    static Checked checked(Budget budget) {
        return new Checked(
                budget.image().toString(),
                budget.passed(),
                budget.rules().stream().map(BudgetResponses::rule).toList());
    }

    private static Rule rule(Budget.Rule rule) {
        return new Rule(
                rule.name(),
                rule.limit(),
                rule.actual(),
                result(rule),
                rule.layers().stream().map(Layer::of).toList(),
                rule.files().stream().map(File::of).toList());
    }

    private static String result(Budget.Rule rule) {
        return rule.holds() ? "passed" : rule.onlyWarns() ? "warned" : "failed";
    }

    static String text(Budget budget) {
        TextTable rules = new TextTable("RULE", "LIMIT", "ACTUAL", "RESULT");
        StringBuilder breaches = new StringBuilder();
        for (Budget.Rule rule : budget.rules()) {
            String result = result(rule);
            rules.row(
                    rule.name(),
                    ByteSize.format(rule.limit()),
                    ByteSize.format(rule.actual()),
                    rule.holds() ? result : result + ", over by " + ByteSize.format(rule.actual() - rule.limit()));
            if (!rule.holds()) {
                breaches.append('\n').append(layers(rule)).append('\n').append(files(rule));
            }
        }
        return rules + breaches.toString();
    }

    private static TextTable layers(Budget.Rule rule) {
        TextTable table =
                new TextTable(rule.name().toUpperCase(java.util.Locale.ROOT) + ": LAYER", "SIZE", "CREATED BY");
        for (LayerStep layer : rule.layers()) {
            table.row(layer.diffId().shortHex(), ByteSize.format(layer.size()), shortened(layer.createdBy()));
        }
        return table;
    }

    private static TextTable files(Budget.Rule rule) {
        TextTable table =
                new TextTable(rule.name().toUpperCase(java.util.Locale.ROOT) + ": FILE", "SIZE", "LAYER", "HIDDEN BY");
        for (Budget.File file : rule.files()) {
            LayerStep hiddenBy = file.hiddenBy();
            table.row(
                    FileResponses.shown(file.path()),
                    ByteSize.format(file.size()),
                    file.layer().diffId().shortHex(),
                    hiddenBy == null ? "" : hiddenBy.diffId().shortHex());
        }
        return table;
    }

    private static String shortened(String command) {
        String line = command.strip().replaceAll("\\s+", " ");
        return line.codePointCount(0, line.length()) <= LONGEST_COMMAND
                ? line
                : line.substring(0, line.offsetByCodePoints(0, LONGEST_COMMAND - 1)) + "…";
    }
}

package dev.capas.usage;

import dev.capas.errdefs.EngineException;
import dev.capas.image.Image;
import dev.capas.image.Images;
import dev.capas.layer.FileIndex;
import dev.capas.layer.Layer;
import dev.capas.layer.LayerStore;
import dev.capas.oci.Digest;
import java.util.ArrayList;
import java.util.List;
import org.springframework.stereotype.Service;

/** Checks what images weigh. A rule that cannot be checked is an error and never holds. */
@Service
public class ImageBudget {
    private final Images images;
    private final LayerStore layers;
    private final FileIndex index;
    private final ImageComparison comparison;

    ImageBudget(Images images, LayerStore layers, FileIndex index, ImageComparison comparison) {
        this.images = images;
        this.layers = layers;
        this.index = index;
        this.comparison = comparison;
    }

    /**
     * Checks the rules, and finds out what breaks those that do not hold.
     *
     * @throws EngineException if one of the images is not here (404), the base is the image itself by the same name, or the image
     *     does not stand on the one that it is to be counted above (400)
     */
    public Budget check(String name, BudgetRules rules) {
        Image image = images.resolve(name);
        List<Digest> ignored = rules.above() == null ? List.of() : above(rules.above(), image, name);
        WeighedImage weighed = weigh(image, ignored.size());
        List<Budget.Rule> checked = new ArrayList<>();
        if (rules.max() != null) {
            checked.add(max(rules, rules.max(), weighed));
        }
        if (rules.maxGrowth() != null && rules.base() != null) {
            checked.add(growth(rules, rules.maxGrowth(), weighed, base(rules.base(), name, image, ignored)));
        }
        if (rules.maxWasted() != null) {
            checked.add(wasted(rules, rules.maxWasted(), weighed));
        }
        return new Budget(image.id(), checked);
    }

    private List<Digest> above(String above, Image image, String name) {
        Image below = images.resolve(above);
        List<Digest> ignored = below.diffIds();
        if (below.id().equals(image.id())) {
            throw EngineException.invalidParameter(
                    "invalid above: " + above + " is the image " + name + " itself, nothing lies above it");
        }
        requireOn(image, name, ignored, above);
        return ignored;
    }

    private static void requireOn(Image image, String name, List<Digest> ignored, String above) {
        List<Digest> stack = image.diffIds();
        if (stack.size() < ignored.size() || !stack.subList(0, ignored.size()).equals(ignored)) {
            throw EngineException.invalidParameter("invalid above: the image " + name + " does not stand on the "
                    + ignored.size() + " layers of " + above);
        }
    }

    private WeighedImage base(String base, String name, Image image, List<Digest> ignored) {
        Image found = images.resolve(base);
        if (found.id().equals(image.id()) && base.equals(name)) {
            throw EngineException.invalidParameter("invalid base: it is the image " + name + " itself");
        }
        if (!ignored.isEmpty()) {
            requireOn(found, base, ignored, "the image that is counted above");
        }
        return weigh(found, ignored.size());
    }

    private WeighedImage weigh(Image image, int ignored) {
        return WeighedImage.of(
                image,
                layers.findAll(image.diffIds().stream().distinct().toList()).stream()
                        .collect(java.util.stream.Collectors.toMap(Layer::diffId, Layer::size)),
                ignored);
    }

    private Budget.Rule max(BudgetRules rules, long limit, WeighedImage image) {
        boolean broken = image.size() > limit;
        return rule(
                BudgetRules.MAX,
                rules,
                limit,
                image.size(),
                broken ? image.counted() : List.of(),
                broken ? image.files(index.merged(image.image().diffIds())) : List.of());
    }

    private Budget.Rule growth(BudgetRules rules, long limit, WeighedImage image, WeighedImage base) {
        long actual = image.size() - base.size();
        boolean broken = actual > limit;
        return rule(
                BudgetRules.MAX_GROWTH,
                rules,
                limit,
                actual,
                broken ? image.without(base.image().diffIds()) : List.of(),
                broken ? image.grown(comparison.files(base.image(), image.image())) : List.of());
    }

    private Budget.Rule wasted(BudgetRules rules, long limit, WeighedImage image) {
        Waste waste = Waste.of(image, index.merged(image.image().diffIds()));
        boolean broken = waste.bytes() > limit;
        return rule(
                BudgetRules.MAX_WASTED,
                rules,
                limit,
                waste.bytes(),
                broken ? waste.layers() : List.of(),
                broken ? waste.files() : List.of());
    }

    private static Budget.Rule rule(
            String name, BudgetRules rules, long limit, long actual, List<LayerStep> layers, List<Budget.File> files) {
        return new Budget.Rule(
                name,
                limit,
                actual,
                rules.warn().contains(name),
                WeighedImage.largest(layers, LayerStep::size),
                WeighedImage.largest(files, Budget.File::size));
    }
}

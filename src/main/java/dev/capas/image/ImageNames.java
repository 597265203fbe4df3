package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;

/** What to call the images that containers were made from. */
@Service
public class ImageNames {
    private static final String ALGORITHM = "sha256:";
    private static final Pattern DIGITS = Pattern.compile("(?:sha256:)?([0-9a-f]{1,64})");

    private final ImageStore store;
    private final ReferenceStore references;

    ImageNames(ImageStore store, ReferenceStore references) {
        this.store = store;
        this.references = references;
    }

    /**
     * An image as somebody named it once.
     *
     * @param name a name, an ID or the beginning of one; may be empty
     * @param id what that meant then
     */
    public record Origin(String name, Digest id) {}

    /** The names as they were given, while those still mean the same image; else the image's ID. By two statements at most. */
    public Map<Origin, String> shown(Collection<Origin> origins) {
        Map<Origin, Reference> names = new HashMap<>();
        for (Origin origin : origins) {
            try {
                if (!origin.name().isEmpty()) {
                    names.put(origin, Reference.parse(origin.name()));
                }
            } catch (EngineException e) {
                continue;
            }
        }
        Map<Reference, Digest> meanings = references.find(Set.copyOf(names.values()));
        Map<Origin, Digest> others = origins.stream()
                .filter(origin -> !names.containsKey(origin) || !meanings.containsKey(names.get(origin)))
                .collect(Collectors.toMap(Function.identity(), Origin::id));
        Set<Digest> here = store.here(Set.copyOf(others.values()));
        Map<Origin, String> shown = new HashMap<>();
        for (Origin origin : origins) {
            Digest meant = names.containsKey(origin) ? meanings.get(names.get(origin)) : null;
            boolean same = meant == null ? isId(origin, here.contains(origin.id())) : meant.equals(origin.id());
            shown.put(
                    origin,
                    same || origin.name().isEmpty()
                            ? origin.name()
                            : origin.id().toString());
        }
        return shown;
    }

    /** Whether the name is the ID, or digits that it begins with; of an image that is gone only the ID in full. */
    private static boolean isId(Origin origin, boolean here) {
        var digits = DIGITS.matcher(origin.name());
        return here
                ? digits.matches() && origin.id().hex().startsWith(digits.group(1))
                : origin.name().startsWith(ALGORITHM);
    }
}

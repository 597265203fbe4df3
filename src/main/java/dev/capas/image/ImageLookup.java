package dev.capas.image;

import dev.capas.errdefs.EngineException;
import dev.capas.oci.Digest;
import dev.capas.oci.Reference;
import java.util.Optional;
import java.util.regex.Pattern;

/** Finds images by whatever a user calls them. */
interface ImageLookup {
    Pattern ID = Pattern.compile("(?:sha256:)?([0-9a-f]{64})");
    Pattern ID_PREFIX = Pattern.compile("(?:sha256:)?([0-9a-f]{1,64})");

    /** Whether there is an image with this ID. */
    boolean has(Digest id);

    /** The image that has this name; one without tag and digest means {@code latest}. */
    Optional<Digest> named(Reference name);

    /** The one image whose ID starts with these digits; empty where there is none, or more than one. */
    Optional<Digest> beginningWith(String hexPrefix);

    /**
     * The ID of the image that a user means by a name, a name and digest, an ID or the beginning of an ID. A name counts before an ID;
     * digits that several IDs begin with mean none.
     *
     * @throws EngineException if there is none ("No such image: …"), or the text can be neither (400)
     */
    default Digest identify(String text) {
        var id = ID.matcher(text);
        if (id.matches()) {
            return Optional.of(new Digest(id.group(1)))
                    .filter(this::has)
                    .orElseThrow(() -> EngineException.notFound("No such image: sha256:" + id.group(1)));
        }
        Reference reference = Reference.parse(text);
        var prefix = ID_PREFIX.matcher(text);
        return named(reference)
                .or(() -> prefix.matches() ? beginningWith(prefix.group(1)) : Optional.empty())
                .filter(this::has)
                .orElseThrow(() -> EngineException.notFound(
                        "No such image: " + reference.withDefaultTag().familiar()));
    }
}

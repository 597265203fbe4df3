package dev.capas.oci;

import dev.capas.errdefs.EngineException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image in a registry, as Docker normalises it: {@code busybox} is {@code docker.io/library/busybox}. The
 * grammar is that of the {@code reference} package of the distribution project.
 *
 * @param domain the registry, with its port where it has one
 * @param path the repository within the registry
 * @param tag the tag, or null where none was given
 * @param digest the digest of a manifest, or null where none was given
 */
public record Reference(
        String domain,
        String path,
        @Nullable String tag,
        @Nullable Digest digest) {
    /** The registry that a name without one means. */
    public static final String DEFAULT_DOMAIN = "docker.io";

    private static final String OFFICIAL = "library/";
    private static final String DEFAULT_TAG = "latest";
    private static final int MAX_PATH = 255;
    private static final String INVALID_FORMAT = "invalid reference format";

    private static final String HOST_PART = "[a-zA-Z0-9]++(?:-++[a-zA-Z0-9]++)*+";
    private static final String DOMAIN =
            "(?:" + HOST_PART + "(?:\\." + HOST_PART + ")*+|\\[[a-fA-F0-9:]++])(?::[0-9]++)?";
    private static final String PATH_PART = "[a-z0-9]++(?:(?:__|[._]|-++)[a-z0-9]++)*+";
    private static final String TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
    private static final String DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";

    private static final Pattern REFERENCE = Pattern.compile(
            "(" + DOMAIN + ")/(" + PATH_PART + "(?:/" + PATH_PART + ")*+)(?::(" + TAG + "))?(?:@(" + DIGEST + "))?");
    private static final Pattern TAG_ONLY = Pattern.compile(TAG);
    private static final Pattern IMAGE_ID = Pattern.compile("[0-9a-f]{64}");

    /**
     * Reads a name as a user writes it.
     *
     * @throws EngineException (invalid parameter) in Docker's words if it is none
     */
    public static Reference parse(String text) {
        if (IMAGE_ID.matcher(text).matches()) {
            throw EngineException.invalidParameter(
                    "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
        }
        String domain = DEFAULT_DOMAIN;
        String rest = text;
        int slash = text.indexOf('/');
        if (slash >= 0 && namesRegistry(text.substring(0, slash))) {
            domain = text.substring(0, slash);
            rest = text.substring(slash + 1);
        }
        if (domain.equals("index.docker.io")) {
            domain = DEFAULT_DOMAIN;
        }
        if (domain.equals(DEFAULT_DOMAIN) && rest.indexOf('/') < 0) {
            rest = OFFICIAL + rest;
        }
        int colon = rest.indexOf(':');
        String name = colon < 0 ? rest : rest.substring(0, colon);
        if (!name.toLowerCase(Locale.ROOT).equals(name)) {
            throw EngineException.invalidParameter(
                    INVALID_FORMAT + ": repository name (" + name + ") must be lowercase");
        }
        Matcher match = REFERENCE.matcher(domain + "/" + rest);
        if (!match.matches()) {
            throw EngineException.invalidParameter(INVALID_FORMAT);
        }
        String path = match.group(2);
        if (path.length() > MAX_PATH) {
            throw EngineException.invalidParameter("repository name must not be more than " + MAX_PATH + " characters");
        }
        String digest = match.group(4);
        return new Reference(match.group(1), path, match.group(3), digest == null ? null : digest(digest));
    }

    /**
     * Reads a repository name and, apart from it, a tag or digest, as {@code /images/create} and {@code /images/x/tag} get them;
     * an empty tag leaves the reference as the name gives it.
     *
     * @throws EngineException (invalid parameter) in Docker's words if either is wrong
     */
    public static Reference parse(String name, @Nullable String tagOrDigest) {
        Reference reference = parse(name);
        if (tagOrDigest == null || tagOrDigest.isEmpty()) {
            return reference;
        }
        if (Pattern.matches(DIGEST, tagOrDigest)) {
            return new Reference(reference.domain, reference.path, null, digest(tagOrDigest));
        }
        return reference.withTag(tagOrDigest);
    }

    private static boolean namesRegistry(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || !first.toLowerCase(Locale.ROOT).equals(first);
    }

    private static Digest digest(String text) {
        int colon = text.indexOf(':');
        int length = switch (text.substring(0, colon)) {
            case "sha256" -> 64;
            case "sha384" -> 96;
            case "sha512" -> 128;
            default -> throw EngineException.invalidParameter("unsupported digest algorithm");
        };
        if (text.length() - colon - 1 != length) {
            throw EngineException.invalidParameter("invalid checksum digest length");
        }
        if (length != 64) {
            throw EngineException.invalidParameter("unsupported digest algorithm");
        }
        try {
            return Digest.of(text);
        } catch (IllegalArgumentException e) {
            throw EngineException.invalidParameter("invalid checksum digest format");
        }
    }

    /**
     * The same repository under this tag, without a digest.
     *
     * @throws EngineException (invalid parameter) if it is no tag
     */
    public Reference withTag(String newTag) {
        if (!TAG_ONLY.matcher(newTag).matches()) {
            throw EngineException.invalidParameter("invalid tag format");
        }
        return new Reference(domain, path, newTag, null);
    }

    /** The same repository at this digest, without a tag. */
    public Reference withDigest(Digest newDigest) {
        return new Reference(domain, path, null, newDigest);
    }

    /** This reference, with the tag {@code latest} where it has neither tag nor digest. */
    public Reference withDefaultTag() {
        return isNameOnly() ? withTag(DEFAULT_TAG) : this;
    }

    /** Whether it has neither tag nor digest. */
    public boolean isNameOnly() {
        return tag == null && digest == null;
    }

    /** The full name of the repository: domain and path. */
    public String name() {
        return domain + "/" + path;
    }

    /** The repository as a user writes it: without what Docker adds. */
    public String familiarName() {
        if (!domain.equals(DEFAULT_DOMAIN)) {
            return name();
        }
        boolean official = path.startsWith(OFFICIAL) && path.indexOf('/', OFFICIAL.length()) < 0;
        return official ? path.substring(OFFICIAL.length()) : path;
    }

    /** The whole reference as a user writes it. */
    public String familiar() {
        return familiarName() + suffix();
    }

    /** The whole reference with all that Docker adds. */
    @Override
    public String toString() {
        return name() + suffix();
    }

    private String suffix() {
        return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }
}

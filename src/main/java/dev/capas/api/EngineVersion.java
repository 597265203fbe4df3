package dev.capas.api;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the engine calls itself. Clients read the Docker release whose behaviour they may expect from {@code Version} and
 * {@code Server}, and compare it as a semantic version; what follows the plus sign is the truth about who answers.
 */
public final class EngineVersion {
    /** The version of Capas, from its manifest; a run from a source tree has none. */
    public static final String CAPAS = EngineVersion.class.getPackage().getImplementationVersion() == null
            ? "dev"
            : EngineVersion.class.getPackage().getImplementationVersion();

    /** The version that clients are told: Docker's, and after the plus sign that of Capas. */
    public static final String VERSION = "28.5.2+capas." + CAPAS;

    /** When its code was built, RFC 3339; empty where that cannot be told. */
    public static final String BUILD_TIME = buildTime();

    /** The newest version of the Engine API. */
    public static final String API = ApiVersion.CURRENT.text();

    /** The oldest version of it. */
    public static final String MIN_API = ApiVersion.MINIMUM.text();

    static final String SERVER = "Docker/" + VERSION + " (linux)";

    private EngineVersion() {}

    private static String buildTime() {
        try {
            URI code = EngineVersion.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            return Files.getLastModifiedTime(Path.of(code)).toString();
        } catch (IOException | URISyntaxException | FileSystemNotFoundException e) {
            return "";
        }
    }
}

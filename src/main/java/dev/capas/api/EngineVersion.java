package dev.capas.api;

/**
 * What the engine calls itself. Clients read the Docker release whose behaviour they may expect from {@code Version} and
 * {@code Server}, and compare it as a semantic version; what follows the plus sign is the truth about who answers.
 */
final class EngineVersion {
    /** The version of Capas, from its manifest; a run from a source tree has none. */
    static final String CAPAS = EngineVersion.class.getPackage().getImplementationVersion() == null
            ? "dev"
            : EngineVersion.class.getPackage().getImplementationVersion();

    static final String VERSION = "28.5.2+capas." + CAPAS;
    static final String SERVER = "Docker/" + VERSION + " (linux)";

    private EngineVersion() {}
}

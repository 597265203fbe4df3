package dev.capas.api;

/** What the engine knows of itself and of the machine; the daemon, who sees all of it, implements it. */
public interface SystemFacts {
    /** The answer to {@code GET /version}. */
    SystemVersion version();

    /** The answer to {@code GET /info}, as of this moment. */
    SystemInfo info();
}

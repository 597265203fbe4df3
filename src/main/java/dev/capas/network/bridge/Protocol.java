package dev.capas.network.bridge;

import java.util.Locale;

/** The transport of a published port. */
public enum Protocol {
    TCP,
    UDP;

    /** In small letters, as Docker and nft write it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

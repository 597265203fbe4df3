package dev.capas.home;

import java.io.IOException;

/** What would be written is refused, for the data root is full: {@code write /…: no space left on device}. */
public final class NoSpaceException extends IOException {
    private static final long serialVersionUID = 1L;

    NoSpaceException(Object what) {
        super("write " + what + ": no space left on device");
    }
}

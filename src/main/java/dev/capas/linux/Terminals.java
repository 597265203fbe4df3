package dev.capas.linux;

import static dev.capas.linux.Native.call;
import static dev.capas.linux.Native.check;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What can be done to a terminal through any descriptor of it. */
public final class Terminals {
    private static final int TIOCSWINSZ = 0x5414;
    private static final int TIOCGWINSZ = 0x5413;

    /** The size of a terminal in characters. */
    public record Size(int rows, int columns) {}

    private Terminals() {}

    /** Sets the size; the foreground process group gets SIGWINCH if it changed. */
    public static void resize(Fd terminal, Size size) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(Native.SHORT, 4);
            window.setAtIndex(Native.SHORT, 0, (short) size.rows());
            window.setAtIndex(Native.SHORT, 1, (short) size.columns());
            check(
                    SystemCall.IOCTL,
                    terminal.toString(),
                    call(arena, SystemCall.IOCTL, terminal.number(), TIOCSWINSZ, window.address()));
        }
    }

    /** The size it has. */
    public static Size size(Fd terminal) throws LinuxException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment window = arena.allocate(Native.SHORT, 4);
            check(
                    SystemCall.IOCTL,
                    terminal.toString(),
                    call(arena, SystemCall.IOCTL, terminal.number(), TIOCGWINSZ, window.address()));
            return new Size(window.getAtIndex(Native.SHORT, 0) & 0xffff, window.getAtIndex(Native.SHORT, 1) & 0xffff);
        }
    }
}

package dev.capas.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Native memory through which one thread writes many pieces to many files, allocated once. */
public final class WriteBuffer implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment memory;

    /** For pieces of up to this many bytes. */
    public WriteBuffer(int size) {
        this.memory = arena.allocate(size);
    }

    /** Writes the first bytes of an array to where the descriptor stands. */
    public void write(Fd file, byte[] bytes, int length) throws LinuxException {
        MemorySegment.copy(bytes, 0, memory, Native.BYTE, 0, length);
        file.writeAll(memory.asSlice(0, length));
    }

    @Override
    public void close() {
        arena.close();
    }
}

package dev.capas.linux;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** The one way into the kernel that this package has, and the shapes of what goes in: C strings and numbers. */
final class Native {
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    static final AddressLayout POINTER = ValueLayout.ADDRESS;

    /** {@code AT_FDCWD} */
    static final int CURRENT_DIRECTORY = -100;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle SYSCALL = LINKER.downcallHandle(
            symbol("syscall"),
            FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG),
            Linker.Option.captureCallState("errno"));
    private static final MethodHandle STRERROR = function("strerror", FunctionDescriptor.of(POINTER, INT));

    private Native() {}

    /** Makes the call, and gives its result, or the negative errno. */
    static long call(Arena arena, SystemCall call, long a, long b, long c, long d, long e, long f) {
        return call(state(arena), call, a, b, c, d, e, f);
    }

    /** Where calls leave their errno: for a loop that makes many. */
    static MemorySegment state(Arena arena) {
        return arena.allocate(STATE);
    }

    private static long call(MemorySegment state, SystemCall call, long a, long b, long c, long d, long e, long f) {
        long result;
        try {
            result = (long) SYSCALL.invokeExact(state, call.number(), a, b, c, d, e, f);
        } catch (Throwable broken) {
            throw broken(broken);
        }
        return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
    }

    static long call(MemorySegment state, SystemCall call, long a, long b, long c, long d, long e) {
        return call(state, call, a, b, c, d, e, 0);
    }

    static long call(Arena arena, SystemCall call, long a, long b, long c, long d, long e) {
        return call(arena, call, a, b, c, d, e, 0);
    }

    static long call(Arena arena, SystemCall call, long a, long b, long c, long d) {
        return call(arena, call, a, b, c, d, 0, 0);
    }

    static long call(Arena arena, SystemCall call, long a, long b, long c) {
        return call(arena, call, a, b, c, 0, 0, 0);
    }

    static long call(Arena arena, SystemCall call, long a, long b) {
        return call(arena, call, a, b, 0, 0, 0, 0);
    }

    static long call(Arena arena, SystemCall call, long a) {
        return call(arena, call, a, 0, 0, 0, 0, 0);
    }

    /** The result of a call, unless it is a negative errno. */
    static long check(SystemCall call, String path, long result) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call.toString(), (int) -result, path);
        }
        return result;
    }

    /** The same; the bytes of the name become text only if they must. */
    static long check(SystemCall call, byte[] name, long result) throws LinuxException {
        if (result < 0) {
            throw new LinuxException(call.toString(), (int) -result, name);
        }
        return result;
    }

    /** A function of the C library that is no system call. */
    static MethodHandle function(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(symbol(name), descriptor);
    }

    /** The address of a NUL-terminated copy; names are bytes, of whatever encoding. */
    static long string(Arena arena, byte[] name) {
        MemorySegment copy = arena.allocate(name.length + 1L);
        MemorySegment.copy(name, 0, copy, BYTE, 0, name.length);
        return copy.address();
    }

    static long string(Arena arena, String text) {
        return string(arena, text.getBytes(StandardCharsets.UTF_8));
    }

    static long string(Arena arena, Path path) {
        return string(arena, path.toString());
    }

    /** A NULL-terminated array of C strings. */
    static MemorySegment strings(Arena arena, List<String> texts) {
        MemorySegment array = arena.allocate(LONG, texts.size() + 1L);
        for (int i = 0; i < texts.size(); i++) {
            array.setAtIndex(LONG, i, string(arena, texts.get(i)));
        }
        return array;
    }

    static String strerror(int errno) {
        try {
            MemorySegment text = (MemorySegment) STRERROR.invokeExact(errno);
            return text.reinterpret(256).getString(0);
        } catch (Throwable broken) {
            throw broken(broken);
        }
    }

    /** What a method handle throws that is no fault of the kernel's. */
    static IllegalStateException broken(Throwable cause) {
        return new IllegalStateException("foreign call failed", cause);
    }

    private static MemorySegment symbol(String name) {
        return LINKER.defaultLookup().find(name).orElseThrow(() -> new UnsatisfiedLinkError(name));
    }
}

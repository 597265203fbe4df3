package dev.capas.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A program to start with posix_spawn(3): in a session of its own, with default signals, and with exactly the descriptors that it is
 * given ({@code /dev/null} as standard streams where none is). It starts in the mount namespace of the calling thread. Whoever starts
 * it must {@linkplain Processes#await wait} for it.
 *
 * @param command the program, a path, and its arguments
 * @param environment its whole environment
 * @param directory its working directory, or null for the daemon's
 * @param descriptors number in the child to descriptor of this process
 */
public record Spawn(
        List<String> command,
        Map<String, String> environment,
        @Nullable Path directory,
        Map<Integer, Fd> descriptors) {
    private static final MethodHandle POSIX_SPAWN = Native.function(
            "posix_spawn",
            FunctionDescriptor.of(
                    Native.INT,
                    Native.POINTER,
                    Native.POINTER,
                    Native.POINTER,
                    Native.POINTER,
                    Native.POINTER,
                    Native.POINTER));
    private static final FunctionDescriptor ON_STRUCT = FunctionDescriptor.of(Native.INT, Native.POINTER);
    private static final MethodHandle ACTIONS_INIT = Native.function("posix_spawn_file_actions_init", ON_STRUCT);
    private static final MethodHandle ACTIONS_DESTROY = Native.function("posix_spawn_file_actions_destroy", ON_STRUCT);
    private static final MethodHandle ADD_DUP2 = Native.function(
            "posix_spawn_file_actions_adddup2",
            FunctionDescriptor.of(Native.INT, Native.POINTER, Native.INT, Native.INT));
    private static final MethodHandle ADD_OPEN = Native.function(
            "posix_spawn_file_actions_addopen",
            FunctionDescriptor.of(Native.INT, Native.POINTER, Native.INT, Native.POINTER, Native.INT, Native.INT));
    private static final MethodHandle ADD_CLOSE = Native.function(
            "posix_spawn_file_actions_addclose", FunctionDescriptor.of(Native.INT, Native.POINTER, Native.INT));
    private static final MethodHandle ADD_CLOSE_FROM = Native.function(
            "posix_spawn_file_actions_addclosefrom_np", FunctionDescriptor.of(Native.INT, Native.POINTER, Native.INT));
    private static final MethodHandle ADD_CHDIR = Native.function(
            "posix_spawn_file_actions_addchdir_np", FunctionDescriptor.of(Native.INT, Native.POINTER, Native.POINTER));
    private static final MethodHandle ATTR_INIT = Native.function("posix_spawnattr_init", ON_STRUCT);
    private static final MethodHandle SET_FLAGS = Native.function(
            "posix_spawnattr_setflags", FunctionDescriptor.of(Native.INT, Native.POINTER, Native.SHORT));
    private static final MethodHandle SET_SIGDEFAULT = Native.function(
            "posix_spawnattr_setsigdefault", FunctionDescriptor.of(Native.INT, Native.POINTER, Native.POINTER));
    private static final MethodHandle SET_SIGMASK = Native.function(
            "posix_spawnattr_setsigmask", FunctionDescriptor.of(Native.INT, Native.POINTER, Native.POINTER));

    private static final short SETSIGDEF = 0x04;
    private static final short SETSIGMASK = 0x08;
    private static final short SETSID = 0x80;
    private static final int STRUCT = 512;
    private static final int SIGNAL_SET = 128;

    /** Copies what it is given. */
    public Spawn {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        descriptors = Map.copyOf(descriptors);
        if (descriptors.keySet().stream().anyMatch(number -> number < 0)) {
            throw new IllegalArgumentException("descriptors " + descriptors.keySet());
        }
    }

    /**
     * Starts it.
     *
     * @return its process number
     * @throws LinuxException if there is no such program, or no room for a process
     */
    public int start() throws LinuxException {
        Map<Integer, Fd> lifted = new LinkedHashMap<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actions = arena.allocate(STRUCT, 16);
            MemorySegment attributes = arena.allocate(STRUCT, 16);
            MemorySegment pid = arena.allocate(Native.INT);
            int ignored = (int) ACTIONS_INIT.invokeExact(actions);
            try {
                fileActions(arena, actions, lifted);
                attributes(arena, attributes);
                MemorySegment arguments = Native.strings(arena, command);
                MemorySegment variables = Native.strings(
                        arena,
                        environment.entrySet().stream()
                                .map(entry -> entry.getKey() + "=" + entry.getValue())
                                .toList());
                MemorySegment program = MemorySegment.ofAddress(Native.string(arena, command.getFirst()));
                int errno = (int) POSIX_SPAWN.invokeExact(pid, program, actions, attributes, arguments, variables);
                if (errno != 0) {
                    throw new LinuxException("posix_spawn", errno, command.getFirst());
                }
                return pid.get(Native.INT, 0);
            } finally {
                ignored = (int) ACTIONS_DESTROY.invokeExact(actions);
            }
        } catch (LinuxException e) {
            throw e;
        } catch (Throwable e) {
            throw Native.broken(e);
        } finally {
            lifted.values().forEach(Fd::close);
        }
    }

    private void fileActions(Arena arena, MemorySegment actions, Map<Integer, Fd> lifted) throws Throwable {
        int highest =
                descriptors.keySet().stream().mapToInt(Integer::intValue).max().orElse(2);
        MemorySegment nothing = MemorySegment.ofAddress(Native.string(arena, "/dev/null"));
        int failed = 0;
        for (int stream = 0; stream <= 2; stream++) {
            if (!descriptors.containsKey(stream)) {
                failed |= (int) ADD_OPEN.invokeExact(actions, stream, nothing, Fd.O_RDWR, 0);
            }
        }
        for (Map.Entry<Integer, Fd> entry : descriptors.entrySet()) {
            Fd source = entry.getValue();
            if (source.number() <= highest && source.number() != entry.getKey()) {
                source = source.duplicateFrom(highest + 1);
                lifted.put(entry.getKey(), source);
            }
            failed |= (int) ADD_DUP2.invokeExact(actions, source.number(), (int) entry.getKey());
        }
        for (int number = 3; number <= highest; number++) {
            if (!descriptors.containsKey(number)) {
                failed |= (int) ADD_CLOSE.invokeExact(actions, number);
            }
        }
        failed |= (int) ADD_CLOSE_FROM.invokeExact(actions, highest + 1);
        if (directory != null) {
            MemorySegment path = MemorySegment.ofAddress(Native.string(arena, directory));
            failed |= (int) ADD_CHDIR.invokeExact(actions, path);
        }
        if (failed != 0) {
            throw new LinuxException("posix_spawn_file_actions", failed, command.getFirst());
        }
    }

    private static void attributes(Arena arena, MemorySegment attributes) throws Throwable {
        MemorySegment all = arena.allocate(SIGNAL_SET, 8).fill((byte) 0xff);
        MemorySegment none = arena.allocate(SIGNAL_SET, 8);
        int ignored = (int) ATTR_INIT.invokeExact(attributes);
        ignored = (int) SET_FLAGS.invokeExact(attributes, (short) (SETSID | SETSIGDEF | SETSIGMASK));
        ignored = (int) SET_SIGDEFAULT.invokeExact(attributes, all);
        ignored = (int) SET_SIGMASK.invokeExact(attributes, none);
    }
}

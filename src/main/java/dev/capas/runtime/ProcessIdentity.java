package dev.capas.runtime;

/**
 * A process that is never mistaken for another one with the same number.
 *
 * @param bootId {@code /proc/sys/kernel/random/boot_id}
 * @param pid its number in the daemon's pid namespace
 * @param startTime field 22 of {@code /proc/<pid>/stat}, in clock ticks since boot
 */
public record ProcessIdentity(String bootId, int pid, long startTime) {}

package dev.capas.network;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The subnets that this engine's networks have, and those that they may get. Safe for several threads. */
final class AddressSpace {
    /** What dockerd has where {@code default-address-pools} says nothing. */
    private static final List<Block> DOCKERS = Stream.concat(
                    IntStream.rangeClosed(17, 31)
                            .mapToObj(second -> new Block(Subnet.of("172." + second + ".0.0/16"), 16)),
                    Stream.of(new Block(Subnet.of("192.168.0.0/16"), 20)))
            .toList();

    private static final int LOCAL_PREFIX = 48;
    private static final int LOCAL_SUBNET = 64;
    private static final int LOCAL_ID_BYTES = 5;

    private final List<Block> blocks;
    private final TreeSet<Subnet> claimed = new TreeSet<>();

    /**
     * A range to take subnets from ({@code default-address-pools}).
     *
     * @param size the length of each subnet's prefix
     */
    record Block(Subnet base, int size) {
        /** The first subnet that has no address in common with these. */
        Optional<Subnet> free(Collection<Subnet> taken) {
            IpAddress next = base.first();
            while (base.contains(next)) {
                Subnet candidate = new Subnet(next, size);
                Optional<IpAddress> behind = taken.stream()
                        .filter(candidate::overlaps)
                        .map(other -> new Subnet(other.last(), size).last())
                        .max(IpAddress::compareTo);
                if (behind.isEmpty()) {
                    return Optional.of(candidate);
                }
                next = behind.get().next();
            }
            return Optional.empty();
        }
    }

    /**
     * With these ranges.
     *
     * @param configured empty for Docker's; a family that none of them is of has Docker's too where it is IPv6
     * @param engineId the engine's own range of IPv6 follows from it (RFC 4193), as it does in dockerd
     */
    AddressSpace(List<Block> configured, String engineId) {
        List<Block> sorted = new ArrayList<>();
        List<Block> all = new ArrayList<>(configured.isEmpty() ? DOCKERS : configured);
        if (all.stream().noneMatch(block -> block.base().v6())) {
            all.add(local(engineId));
        }
        all.stream().sorted((a, b) -> a.base().compareTo(b.base())).forEach(block -> {
            if (sorted.isEmpty() || !sorted.getLast().base().overlaps(block.base())) {
                sorted.add(block);
            }
        });
        this.blocks = List.copyOf(sorted);
    }

    private static Block local(String engineId) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(engineId.getBytes(StandardCharsets.UTF_8));
            byte[] id = java.util.Arrays.copyOfRange(hash, Long.BYTES - LOCAL_ID_BYTES, Long.BYTES);
            BigInteger network = BigInteger.valueOf(0xfd)
                    .shiftLeft(LOCAL_ID_BYTES * Byte.SIZE)
                    .or(new BigInteger(1, id));
            return new Block(
                    new Subnet(new IpAddress(network.shiftLeft(128 - LOCAL_PREFIX), true), LOCAL_PREFIX), LOCAL_SUBNET);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Claims a subnet of the configured ranges that overlaps with none of this engine's and none of these; empty where there is none left. */
    synchronized Optional<Subnet> claimAny(boolean v6, Collection<Subnet> reserved) {
        List<Subnet> taken = new ArrayList<>(claimed);
        taken.addAll(reserved);
        Optional<Subnet> free = blocks.stream()
                .filter(block -> block.base().v6() == v6)
                .flatMap(block -> block.free(taken).stream())
                .findFirst();
        free.ifPresent(claimed::add);
        return free;
    }

    /** Claims this subnet; false if it overlaps with one of this engine's. */
    synchronized boolean claim(Subnet subnet) {
        return claimed.stream().noneMatch(subnet::overlaps) && claimed.add(subnet);
    }

    /** Gives a subnet back. */
    synchronized void release(Subnet subnet) {
        claimed.remove(subnet);
    }
}

package dev.capas.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses and subnets: what is given to whom, as dockerd 28.5.2 does it. */
class AddressSpaceTest {
    private static final String DOCKERS_ID = "30d445a4-26f6-4a87-8640-ba0f7e13a733";

    private static Subnet subnet(String text) {
        return Subnet.parse(text).orElseThrow();
    }

    private static IpAddress address(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    @Provide
    static Arbitrary<Subnet> subnets() {
        Arbitrary<Subnet> v4 = Combinators.combine(
                        Arbitraries.integers(), Arbitraries.integers().between(8, 32))
                .as((value, length) ->
                        new Subnet(new IpAddress(BigInteger.valueOf(Integer.toUnsignedLong(value)), false), length));
        Arbitrary<Subnet> v6 = Combinators.combine(
                        Arbitraries.bigIntegers()
                                .between(
                                        BigInteger.ZERO,
                                        BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE)),
                        Arbitraries.integers().between(16, 128))
                .as((value, length) -> new Subnet(new IpAddress(value, true), length));
        return Arbitraries.oneOf(v4, v6);
    }

    @Property
    void isReadAsItIsWritten(@ForAll("subnets") Subnet subnet) {
        assertThat(Subnet.parse(subnet.toString())).contains(subnet);
        assertThat(IpAddress.of(subnet.address().inet()).toString()).isEqualTo(unmapped(subnet.address()));
    }

    /** Java takes an address of IPv4 within IPv6 for one of IPv4. */
    private static String unmapped(IpAddress address) {
        return IpAddress.of(address.inet()).v6() == address.v6()
                ? address.toString()
                : IpAddress.of(address.inet()).toString();
    }

    @Property
    void hasItsEndsAndNotWhatLiesBeside(@ForAll("subnets") Subnet subnet) {
        assertThat(subnet.contains(subnet.first()) && subnet.contains(subnet.last()))
                .isTrue();
        assertThat(subnet.last().value().subtract(subnet.first().value()).add(BigInteger.ONE))
                .isEqualTo(subnet.size());
        IpAddress behind = subnet.last().next();
        if (behind.value().bitLength() <= behind.bits()) {
            assertThat(subnet.contains(behind)).isFalse();
        }
    }

    @Property
    void overlapsWhereOneHasAnEndOfTheOther(@ForAll("subnets") Subnet one, @ForAll("subnets") Subnet other) {
        boolean common = one.contains(other.first()) || other.contains(one.first());
        assertThat(one.overlaps(other)).isEqualTo(common);
        assertThat(other.overlaps(one)).isEqualTo(common);
    }

    @Property
    void givesNoSubnetTwiceAndNoneThatIsReserved(
            @ForAll boolean v6, @ForAll("subnets") Subnet reserved, @ForAll("subnets") Subnet claimed) {
        AddressSpace space = new AddressSpace(List.of(), DOCKERS_ID);
        List<Subnet> given = new ArrayList<>();
        if (space.claim(claimed)) {
            given.add(claimed);
        }
        for (int count = 0; count < 12; count++) {
            Optional<Subnet> next = space.claimAny(v6, List.of(reserved));
            next.ifPresent(subnet -> {
                assertThat(given).noneMatch(subnet::overlaps);
                assertThat(subnet.overlaps(reserved)).isFalse();
                given.add(subnet);
            });
        }
        assertThat(given).isNotEmpty();
    }

    @Property
    void givesEveryAddressOnceTheLowestFirst(@ForAll("subnets") Subnet asked) {
        Subnet subnet = new Subnet(
                        asked.address(),
                        Math.max(asked.length(), asked.address().bits() - 6))
                .masked();
        AddressPool pool = new AddressPool(subnet);
        Set<IpAddress> given = new HashSet<>();
        for (Optional<IpAddress> next = pool.takeLowest(null); next.isPresent(); next = pool.takeLowest(null)) {
            assertThat(given.add(next.get())).isTrue();
        }
        int hostBits = asked.address().bits() - subnet.length();
        int reserved = subnet.v6() ? 1 : hostBits > 1 ? 2 : 0;
        assertThat(given).hasSize((1 << hostBits) - reserved).allMatch(subnet::contains);
        given.stream().findAny().ifPresent(address -> {
            pool.release(address);
            assertThat(pool.takeLowest(null)).contains(address);
        });
    }

    @Test
    void takesDockersRangesInTheirOrder() {
        AddressSpace space = new AddressSpace(List.of(), DOCKERS_ID);
        assertThat(IntStream.range(0, 18)
                        .mapToObj(index ->
                                space.claimAny(false, List.of()).orElseThrow().toString()))
                .startsWith("172.17.0.0/16", "172.18.0.0/16")
                .contains("172.31.0.0/16")
                .endsWith("192.168.0.0/20", "192.168.16.0/20", "192.168.32.0/20");
        space.release(subnet("172.20.0.0/16"));
        assertThat(space.claimAny(false, List.of())).contains(subnet("172.20.0.0/16"));
    }

    @Test
    void derivesTheRangeOfIpv6FromTheEngineAsDockerdDoes() {
        assertThat(new AddressSpace(List.of(), DOCKERS_ID).claimAny(true, List.of()))
                .contains(subnet("fd47:6d06:92fa::/64"));
    }

    @Test
    void goesOnBehindWhatTheHostHas() {
        AddressSpace space = new AddressSpace(List.of(new AddressSpace.Block(subnet("10.0.0.0/16"), 24)), DOCKERS_ID);
        List<Subnet> host = List.of(subnet("10.0.0.0/23"), subnet("10.0.3.7/32"));
        assertThat(space.claimAny(false, host)).contains(subnet("10.0.2.0/24"));
        assertThat(space.claimAny(false, host)).contains(subnet("10.0.4.0/24"));
        assertThat(space.claimAny(false, List.of(subnet("10.0.0.0/8")))).isEmpty();
    }

    @Test
    void keepsToTheRangeAndLeavesWhatIsTaken() {
        AddressPool pool = new AddressPool(subnet("10.0.0.0/24"));
        Subnet range = subnet("10.0.0.128/30");
        assertThat(pool.take(address("10.0.0.129"))).isTrue();
        assertThat(pool.take(address("10.0.0.129"))).isFalse();
        assertThat(pool.take(address("10.0.1.1"))).isFalse();
        assertThat(pool.take(address("10.0.0.255"))).isFalse();
        assertThat(pool.takeLowest(range)).contains(address("10.0.0.128"));
        assertThat(pool.takeLowest(range)).contains(address("10.0.0.130"));
        assertThat(pool.takeLowest(range)).contains(address("10.0.0.131"));
        assertThat(pool.takeLowest(range)).isEmpty();
        assertThat(pool.takeLowest(null)).contains(address("10.0.0.1"));
    }

    @ParameterizedTest
    @CsvSource({
        "0:0:0:0:0:0:0:0, ::", "0:0:0:0:0:0:0:1, ::1", "fd00:0:0:1:0:0:0:1, fd00:0:0:1::1",
        "FD00:0:1:0:0:1:0:0, fd00:0:1::1:0:0", "1:0:2:0:3:0:4:0, 1:0:2:0:3:0:4:0", "fe80::1, fe80::1"
    })
    void writesIpv6InItsShortestForm(String text, String shortest) {
        assertThat(address(text)).hasToString(shortest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "10.1", "10.0.0.300", "010.0.0.1", "1.2.3.4.5", ":::", "fe80::1%eth0", "10.0.0.1/24"})
    void takesNothingElseForAnAddress(String text) {
        assertThat(IpAddress.parse(text)).isEmpty();
        assertThat(Subnet.parse(text + "/33")).isEmpty();
        assertThat(Subnet.parse("10.0.0.0/" + text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "02-42-AC-11-00-02, 02:42:ac:11:00:02",
        "0242.ac11.0002, 02:42:ac:11:00:02",
        "02:42:ac:11:00:02, 02:42:ac:11:00:02"
    })
    void readsEveryFormOfAnAddressOfTheLinkLayer(String text, String usual) {
        assertThat(MacAddresses.parse(text)).contains(usual);
        assertThat(MacAddresses.parse(text + ":01")).isEmpty();
    }

    @Property(tries = 50)
    void makesAddressesOfTheLinkLayerThatAreOneStationsOwn() {
        int first = Integer.parseInt(MacAddresses.random().substring(0, 2), 16);
        assertThat(first & 3).isEqualTo(2);
    }
}

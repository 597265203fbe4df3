package dev.capas.network.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RulesTest {
    private final Rules rules = new Rules("capas-01234567");

    @Test
    void nameEachBridgeInTheSetsThatItBelongsTo() throws Exception {
        String text = rules.all(
                List.of(
                        bridge("br-plain", false, true, true, null),
                        bridge("br-internal", true, true, true, null),
                        bridge("br-apart", false, false, true, "192.0.2.7"),
                        bridge("br-routed", false, true, false, null)),
                List.of());
        assertThat(line(text, "set bridges")).contains("\"br-plain\", \"br-internal\", \"br-apart\", \"br-routed\"");
        assertThat(line(text, "set internal")).contains("{ \"br-internal\" }");
        assertThat(line(text, "set masquerading")).contains("{ \"br-plain\", \"br-apart\" }");
        assertThat(line(text, "set open"))
                .contains("\"br-plain\" . \"br-plain\"")
                .doesNotContain("br-apart");
        assertThat(line(text, "set inside4")).contains("\"br-plain\" . 172.20.0.0/16");
        assertThat(line(text, "set inside6")).contains("\"br-plain\" . fd00:0:0:0:0:0:0:0/64");
        assertThat(line(text, "map source")).contains("{ \"br-apart\" : 192.0.2.7 }");
    }

    @Test
    void replaceWhateverTheTableWas() {
        assertThat(rules.all(List.of(), List.of()))
                .startsWith("table inet capas-01234567\ndelete table inet capas-01234567\ntable inet capas-01234567 {");
        assertThat(rules.none()).isEqualTo("table inet capas-01234567\ndelete table inet capas-01234567\n");
    }

    @Test
    void holdWhatIsPublishedInMapsOfItsFamilyAndScope() throws Exception {
        Translation everywhere = translation("0.0.0.0", "172.20.0.2", Protocol.TCP);
        Translation loopback = translation("127.0.0.1", "172.20.0.2", Protocol.UDP);
        Translation six = translation("fd00::9", "fd00::2", Protocol.TCP);
        String text = rules.all(List.of(), List.of(everywhere, loopback, six));
        assertThat(line(text, "map any4")).endsWith("elements = { tcp . 8080 : 172.20.0.2 . 80 }; }");
        assertThat(line(text, "map address4")).endsWith("elements = { 127.0.0.1 . udp . 8080 : 172.20.0.2 . 80 }; }");
        assertThat(line(text, "map any6")).doesNotContain("elements");
        assertThat(line(text, "map address6")).contains("fd00:0:0:0:0:0:0:9 . tcp . 8080 : fd00:0:0:0:0:0:0:2 . 80");
        assertThat(rules.add(everywhere))
                .isEqualTo("add element inet capas-01234567 any4 { tcp . 8080 : 172.20.0.2 . 80 }\n");
        assertThat(rules.delete(loopback))
                .isEqualTo("delete element inet capas-01234567 address4 { 127.0.0.1 . udp . 8080 }\n");
    }

    @Test
    void addressesInWordsAreThoseOfGo() throws Exception {
        assertThat(AddressText.of(address("::"))).isEqualTo("::");
        assertThat(AddressText.of(address("::1"), 80)).isEqualTo("[::1]:80");
        assertThat(AddressText.of(address("2001:db8:0:1:0:0:0:5"))).isEqualTo("2001:db8:0:1::5");
        assertThat(AddressText.of(address("fe80:0:0:1:0:0:2:3"))).isEqualTo("fe80::1:0:0:2:3");
        assertThat(AddressText.of(address("1:2:3:4:5:6:0:8"))).isEqualTo("1:2:3:4:5:6:0:8");
        assertThat(AddressText.of(address("fd00:1::"))).isEqualTo("fd00:1::");
        assertThat(AddressText.of(address("10.0.0.1"), 53)).isEqualTo("10.0.0.1:53");
    }

    private static String line(String text, String start) {
        return text.lines()
                .map(String::strip)
                .filter(line -> line.startsWith(start + " "))
                .findFirst()
                .orElseThrow();
    }

    private static Translation translation(String host, String container, Protocol protocol)
            throws UnknownHostException {
        return new Translation(new PublishedPort(address(host), 8080, 80, protocol), address(container));
    }

    private static Bridge bridge(
            String link, boolean internal, boolean interContainer, boolean masquerade, String source)
            throws UnknownHostException {
        return new Bridge(
                "0".repeat(64),
                link,
                List.of(new InterfaceAddress(address("172.20.0.1"), 16), new InterfaceAddress(address("fd00::1"), 64)),
                internal,
                interContainer,
                masquerade,
                0,
                source == null ? null : (Inet4Address) address(source));
    }

    private static InetAddress address(String text) throws UnknownHostException {
        return InetAddress.getByName(text);
    }
}

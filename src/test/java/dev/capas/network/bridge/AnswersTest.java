package dev.capas.network.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class AnswersTest {
    private static final byte[] OUTSIDE = {1, 2, 3};

    private final Answers answers = new Answers();
    private final Names names = names(Map.of(
            "web", List.of(address("10.0.0.2"), address("10.0.0.3"), address("10.0.0.4")),
            "six", List.of(address("10.0.0.5"), address("fd00::5")),
            "many",
                    IntStream.range(1, 101)
                            .mapToObj(i -> address("10.0.1." + i))
                            .toList()));

    @Test
    void aNameHasItsAddressesAndEachIsFirstInTurn() throws IOException {
        List<String> first = IntStream.range(0, 4)
                .mapToObj(i -> ask("web.", Type.A))
                .peek(answer -> assertThat(answer.getSection(Section.ANSWER)).hasSize(3))
                .map(answer -> answer.getSection(Section.ANSWER).getFirst().rdataToString())
                .toList();
        assertThat(first).containsExactly("10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.2");
        Message answer = ask("WeB.", Type.A);
        assertThat(answer.getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(answer.getQuestion().getName()).hasToString("WeB.");
        assertThat(answer.getHeader().getFlag(Flags.RA)).isTrue();
        assertThat(answer.getHeader().getFlag(Flags.RD)).isTrue();
        assertThat(answer.getSection(Section.ANSWER)).allMatch(record -> record.getTTL() == 600);
    }

    @Test
    void aNameHasNothingOfOtherTypesAndIsNotAskedOutside() {
        assertThat(ask("web.", Type.AAAA).getSection(Section.ANSWER)).isEmpty();
        assertThat(ask("web.", Type.AAAA).getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(ask("web.", Type.TXT).getRcode()).isEqualTo(Rcode.NOERROR);
        assertThat(ask("six.", Type.AAAA).getSection(Section.ANSWER))
                .extracting(Record::rdataToString)
                .containsExactly("fd00:0:0:0:0:0:0:5");
        assertThat(ask("six.", Type.ANY).getSection(Section.ANSWER)).hasSize(2);
    }

    @Test
    void anAddressHasAName() {
        assertThat(ask("2.0.0.10.in-addr.arpa.", Type.PTR).getSection(Section.ANSWER))
                .extracting(Record::rdataToString)
                .containsExactly("web.app.");
        assertThat(raw(query("9.0.0.10.in-addr.arpa.", Type.PTR), false)).isEqualTo(OUTSIDE);
        assertThat(raw(query("nonsense.in-addr.arpa.", Type.PTR), false)).isEqualTo(OUTSIDE);
    }

    @Test
    void whatMeansNothingHereIsAskedOutsideAsItCame() throws IOException {
        byte[] asked = query("example.org.", Type.MX).toWire();
        byte[] answer = answers.answer(asked, true, names, (query, stream) -> {
            assertThat(query).isSameAs(asked);
            assertThat(stream).isTrue();
            return OUTSIDE;
        });
        assertThat(answer).isSameAs(OUTSIDE);
        Message failed = new Message(answers.answer(asked, false, names, (query, stream) -> null));
        assertThat(failed.getRcode()).isEqualTo(Rcode.SERVFAIL);
        assertThat(failed.getQuestion().getName()).hasToString("example.org.");
    }

    @Test
    void aLongAnswerIsCutUnlessTheAskerTakesIt() throws IOException {
        Message query = query("many.", Type.A);
        Message cut = new Message(raw(query, false));
        assertThat(raw(query, false).length).isLessThanOrEqualTo(512);
        assertThat(cut.getHeader().getFlag(Flags.TC)).isTrue();
        Message whole = new Message(raw(query, true));
        assertThat(whole.getHeader().getFlag(Flags.TC)).isFalse();
        assertThat(whole.getSection(Section.ANSWER)).hasSize(100);
        query.addRecord(new OPTRecord(4096, 0, 0), Section.ADDITIONAL);
        Message extended = new Message(raw(query, false));
        assertThat(extended.getSection(Section.ANSWER)).hasSize(100);
        assertThat(extended.getOPT()).isNotNull();
    }

    @Test
    void whatIsNoQuestionIsNotAnswered() throws IOException {
        Message response = query("web.", Type.A);
        response.getHeader().setFlag(Flags.QR);
        assertThat(raw(response, false)).isNull();
        assertThat(answers.answer(new byte[11], false, names, (query, stream) -> OUTSIDE))
                .isNull();
        Message update = query("web.", Type.A);
        update.getHeader().setOpcode(Opcode.UPDATE);
        assertThat(new Message(raw(update, false)).getRcode()).isEqualTo(Rcode.NOTIMP);
        Message two = query("web.", Type.A);
        two.addRecord(two.getQuestion(), Section.QUESTION);
        assertThat(new Message(raw(two, false)).getRcode()).isEqualTo(Rcode.FORMERR);
    }

    @Property(tries = 1000)
    void anyBytesAreBorne(@ForAll @Size(max = 300) byte[] bytes, @ForAll boolean stream) {
        check(bytes, answers.answer(bytes, stream, names, (query, how) -> null));
    }

    @Property(tries = 1000)
    void aDamagedQuestionIsBorne(
            @ForAll @IntRange(max = 45) int at, @ForAll byte value, @ForAll @IntRange(min = 0, max = 45) int length) {
        byte[] bytes = query("a.long.name.with.many.parts.web.", Type.A).toWire();
        bytes[at % bytes.length] = value;
        byte[] damaged = Arrays.copyOf(bytes, length == 0 ? bytes.length : length);
        check(damaged, answers.answer(damaged, false, names, (query, how) -> null));
    }

    private static void check(byte[] asked, byte[] answer) {
        if (answer != null) {
            assertThat(answer.length).isGreaterThanOrEqualTo(12);
            assertThat(answer[0]).isEqualTo(asked[0]);
            assertThat(answer[1]).isEqualTo(asked[1]);
            assertThat(answer[2]).as("is an answer").isNegative();
        } else {
            assertThat(asked.length < 12 || asked[2] < 0).isTrue();
        }
    }

    private Message ask(String name, int type) {
        try {
            Message query = query(name, type);
            Message answer = new Message(raw(query, false));
            assertThat(answer.getHeader().getID()).isEqualTo(query.getHeader().getID());
            return answer;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] raw(Message query, boolean stream) {
        return answers.answer(query.toWire(), stream, names, (asked, how) -> OUTSIDE);
    }

    private static Message query(String name, int type) {
        try {
            return Message.newQuery(Record.newRecord(Name.fromString(name), type, DClass.IN));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Names names(Map<String, List<InetAddress>> known) {
        return new Names() {
            @Override
            public List<InetAddress> lookup(String name) {
                return known.getOrDefault(name, List.of());
            }

            @Override
            public Optional<String> reverse(InetAddress address) {
                return known.getOrDefault("web", List.of()).contains(address)
                        ? Optional.of("web.app")
                        : Optional.empty();
            }
        };
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}

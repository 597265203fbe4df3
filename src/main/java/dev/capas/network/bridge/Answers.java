package dev.capas.network.bridge;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * What is answered to a DNS message (RFC 1035): addresses of names of the container's networks, names of their addresses, and for all
 * else what a server outside says.
 */
final class Answers {
    /** As dockerd has it. */
    static final int TTL_SECONDS = 600;

    private static final int HEADER = 12;
    private static final int RESPONSE_BIT = 0x80;
    private static final int PLAIN_UDP = 512;
    private static final int STREAM = 65535;
    private static final int OUR_UDP = 1232;
    private static final int MOST_TURNS = 10_000;

    /** Asks a server outside. */
    interface Outside {
        /** The answer to a message, or null where nobody gives one. */
        byte @Nullable [] ask(byte[] query, boolean stream);
    }

    private final Map<String, AtomicInteger> turns = new ConcurrentHashMap<>();

    /**
     * The answer to a message.
     *
     * @param stream whether it came by TCP, where an answer may be long
     * @return null for what deserves none: it is no question
     */
    byte @Nullable [] answer(byte[] query, boolean stream, Names names, Outside outside) {
        if (query.length < HEADER || (query[2] & RESPONSE_BIT) != 0) {
            return null;
        }
        Message asked;
        try {
            asked = new Message(query);
        } catch (IOException | RuntimeException e) {
            // a library that reads bytes from anywhere may stumble in more ways than it says
            return failure(query, Rcode.FORMERR);
        }
        if (asked.getHeader().getOpcode() != Opcode.QUERY) {
            return failure(query, Rcode.NOTIMP);
        }
        Record question = asked.getQuestion();
        if (question == null || asked.getHeader().getCount(Section.QUESTION) != 1) {
            return failure(query, Rcode.FORMERR);
        }
        Optional<List<Record>> known = question.getDClass() == DClass.IN ? known(question, names) : Optional.empty();
        if (known.isPresent()) {
            return reply(asked, Rcode.NOERROR, known.get(), stream);
        }
        byte[] said = outside.ask(query, stream);
        return said == null ? reply(asked, Rcode.SERVFAIL, List.of(), stream) : said;
    }

    /** The records of a name that means something here, perhaps none of this type; empty for other names. */
    private Optional<List<Record>> known(Record question, Names names) {
        return question.getType() == Type.PTR ? reverse(question.getName(), names) : addresses(question, names);
    }

    private Optional<List<Record>> addresses(Record question, Names names) {
        String name = question.getName().toString(true).toLowerCase(Locale.ROOT);
        List<InetAddress> found = names.lookup(name);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        int type = question.getType();
        List<Record> records = new ArrayList<>();
        for (InetAddress address : found) {
            boolean six = address instanceof Inet6Address;
            if (type == Type.ANY || type == (six ? Type.AAAA : Type.A)) {
                records.add(
                        six
                                ? new AAAARecord(question.getName(), DClass.IN, TTL_SECONDS, address)
                                : new ARecord(question.getName(), DClass.IN, TTL_SECONDS, address));
            }
        }
        if (records.size() > 1) {
            Collections.rotate(records, -(turn(name + " " + type) % records.size()));
        }
        return Optional.of(records);
    }

    private int turn(String question) {
        if (turns.size() > MOST_TURNS) {
            turns.clear();
        }
        return turns.computeIfAbsent(question, key -> new AtomicInteger()).getAndIncrement() & Integer.MAX_VALUE;
    }

    private static Optional<List<Record>> reverse(Name question, Names names) {
        try {
            Optional<String> name = names.reverse(ReverseMap.fromName(question));
            return name.isEmpty()
                    ? Optional.empty()
                    : Optional.of(List.of(
                            new PTRRecord(question, DClass.IN, TTL_SECONDS, Name.fromString(name.get(), Name.root))));
        } catch (UnknownHostException | TextParseException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] reply(Message asked, int code, List<Record> records, boolean stream) {
        Message reply = new Message(asked.getHeader().getID());
        Header header = reply.getHeader();
        header.setFlag(Flags.QR);
        header.setFlag(Flags.RA);
        header.setRcode(code);
        if (asked.getHeader().getFlag(Flags.RD)) {
            header.setFlag(Flags.RD);
        }
        reply.addRecord(asked.getQuestion(), Section.QUESTION);
        records.forEach(record -> reply.addRecord(record, Section.ANSWER));
        OPTRecord extended = asked.getOPT();
        if (extended != null) {
            reply.addRecord(new OPTRecord(OUR_UDP, 0, 0), Section.ADDITIONAL);
        }
        int udp = extended == null ? PLAIN_UDP : Math.max(PLAIN_UDP, extended.getPayloadSize());
        return reply.toWire(stream ? STREAM : udp);
    }

    /** The header of the question alone, with this code. */
    private static byte[] failure(byte[] query, int code) {
        byte[] reply = new byte[HEADER];
        reply[0] = query[0];
        reply[1] = query[1];
        int opcodeAndRecursion = 0x79;
        int recursionAvailable = 0x80;
        reply[2] = (byte) (RESPONSE_BIT | query[2] & opcodeAndRecursion);
        reply[3] = (byte) (recursionAvailable | code);
        return reply;
    }
}

package dev.capas.layer.tar;

import dev.capas.errdefs.EngineException;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a tar byte for byte. What it accepts, refuses and ignores is what Go's {@code archive/tar} does, since the layers of the
 * world were checked by that; and it keeps the raw bytes of all headers, so that nothing of the archive is lost.
 */
final class TarReader {
    private static final int BLOCK = 512;
    private static final int LARGEST_SPECIAL = 1 << 20;
    /** Of one entry, all together; Go sets no limit. */
    private static final int LARGEST_HEADERS = 8 << 20;

    private static final long LAST_SECOND = 253402300799L;

    private final InputStream in;
    private final byte[] block = new byte[BLOCK];
    private final ByteArrayOutputStream raw = new ByteArrayOutputStream(BLOCK);
    private long payloadLeft;
    private int padding;

    TarReader(InputStream in) {
        this.in = in;
    }

    static EngineException invalidHeader() {
        return EngineException.invalidParameter("archive/tar: invalid tar header");
    }

    static EngineException unexpectedEnd() {
        return EngineException.invalidParameter("unexpected EOF");
    }

    /**
     * The next entry; null at the end of the archive. The payload and the padding of the entry before must have been read. After
     * this {@link #raw()} has the bytes of all headers that belong to the entry, or of the end blocks.
     */
    @Nullable
    TarHeader next() throws IOException {
        raw.reset();
        PaxRecords pax = null;
        byte[] longName = null;
        byte[] longLink = null;
        while (true) {
            if (!readHeaderBlock()) {
                return null;
            }
            byte type = block[156];
            TarFields fields = TarFields.of(block);
            switch (type) {
                case TarHeader.PAX -> pax = PaxRecords.parse(special(fields.size()));
                case TarHeader.GNU_LONG_NAME -> longName = untilNul(special(fields.size()));
                case TarHeader.GNU_LONG_LINK -> longLink = untilNul(special(fields.size()));
                case TarHeader.PAX_GLOBAL -> {
                    PaxRecords.parse(special(fields.size()));
                    begin(0);
                    return new TarHeader(fields.name(), new byte[0], type, 0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of(), null);
                }
                default -> {
                    return entry(fields, type, pax, longName, longLink);
                }
            }
        }
    }

    /** The raw bytes that the last {@link #next()} consumed. */
    byte[] raw() {
        return raw.toByteArray();
    }

    /** Reads some of the payload of the current entry; -1 once it is all read. */
    int read(byte[] buffer, int offset, int length) throws IOException {
        if (payloadLeft == 0) {
            return -1;
        }
        int n = in.read(buffer, offset, (int) Math.min(length, payloadLeft));
        if (n < 0) {
            throw unexpectedEnd();
        }
        payloadLeft -= n;
        return n;
    }

    /** Passes over what is left of the payload. */
    void skip() throws IOException {
        try {
            in.skipNBytes(payloadLeft);
        } catch (EOFException e) {
            throw unexpectedEnd();
        }
        payloadLeft = 0;
    }

    /** Reads the padding after the payload. An archive may end in it, as in Go. */
    byte[] padding() throws IOException {
        byte[] bytes = in.readNBytes(padding);
        padding = 0;
        return bytes;
    }

    private void begin(long payload) {
        payloadLeft = payload;
        padding = (int) (-payload & BLOCK - 1);
    }

    /** Reads a header block; false at the end of the archive: two blocks of zeroes, or no bytes. */
    private boolean readHeaderBlock() throws IOException {
        int n = readBlock();
        if (n == 0) {
            if (raw.size() > 0) {
                throw unexpectedEnd();
            }
            return false;
        }
        if (isZero()) {
            n = readBlock();
            if (n == 0 || isZero()) {
                return false;
            }
            throw invalidHeader();
        }
        return true;
    }

    private int readBlock() throws IOException {
        int n = in.readNBytes(block, 0, BLOCK);
        raw.write(block, 0, n);
        if (n > 0 && n < BLOCK) {
            throw unexpectedEnd();
        }
        return n;
    }

    private boolean isZero() {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private byte[] special(long size) throws IOException {
        if (size > LARGEST_SPECIAL || raw.size() > LARGEST_HEADERS) {
            throw EngineException.invalidParameter("archive/tar: header field too long");
        }
        int padded = (int) (size + BLOCK - 1) / BLOCK * BLOCK;
        byte[] content = in.readNBytes(padded);
        raw.write(content, 0, content.length);
        if (content.length < padded) {
            throw unexpectedEnd();
        }
        return Arrays.copyOf(content, (int) size);
    }

    private TarHeader entry(
            TarFields fields,
            byte flag,
            @Nullable PaxRecords pax,
            byte @Nullable [] longName,
            byte @Nullable [] longLink)
            throws IOException {
        PaxRecords records = pax == null ? PaxRecords.parse(new byte[0]) : pax;
        byte[] name = orElse(records.bytes("path"), orElse(longName, fields.name()));
        byte type =
                flag != TarHeader.REGULAR_OLD ? flag : endsWithSlash(name) ? TarHeader.DIRECTORY : TarHeader.REGULAR;
        long size = records.number("size", fields.size());
        if (size < 0) {
            throw invalidHeader();
        }
        long payload = TarHeader.isHeaderOnly(type) ? 0 : size;
        begin(payload);
        Time time = Time.of(records.text("mtime"), fields.mtime());
        SparseMap sparse = null;
        long apparent = payload;
        long realSize = records.number("GNU.sparse.realsize", records.number("GNU.sparse.size", -1));
        if (type == TarHeader.REGULAR && realSize >= 0) {
            name = orElse(records.bytes("GNU.sparse.name"), name);
            sparse = SparseMap.of(sparseNumbers(records), realSize);
            apparent = realSize;
            if (sparse.dataLength() > payloadLeft) {
                throw invalidHeader();
            }
        }
        return new TarHeader(
                name,
                orElse(records.bytes("linkpath"), orElse(longLink, fields.linkName())),
                type,
                (int) fields.mode() & 07777,
                records.number("uid", fields.uid()),
                records.number("gid", fields.gid()),
                apparent,
                payloadLeft,
                time.seconds(),
                time.nanos(),
                fields.major(),
                fields.minor(),
                records.xattrs(),
                sparse);
    }

    /** The map of format 0.0 and 0.1 comes with the records, that of 1.0 in blocks before the data, which become raw bytes here. */
    private List<Long> sparseNumbers(PaxRecords records) throws IOException {
        String map = records.text("GNU.sparse.map");
        if (map != null) {
            List<Long> numbers = new ArrayList<>();
            for (String number : map.split(",")) {
                byte[] digits = number.getBytes(StandardCharsets.ISO_8859_1);
                numbers.add(PaxRecords.decimal(digits, 0, digits.length));
            }
            return numbers;
        }
        if (!"1".equals(records.text("GNU.sparse.major"))) {
            return records.sparsePieces();
        }
        List<Long> numbers = new ArrayList<>();
        ByteArrayOutputStream digits = new ByteArrayOutputStream();
        long wanted = 1;
        while (numbers.size() < wanted) {
            if (payloadLeft < BLOCK || digits.size() > BLOCK || raw.size() > LARGEST_HEADERS) {
                throw invalidHeader();
            }
            if (readBlock() < BLOCK) {
                throw unexpectedEnd();
            }
            payloadLeft -= BLOCK;
            for (int i = 0; i < BLOCK && numbers.size() < wanted; i++) {
                if (block[i] != '\n') {
                    digits.write(block[i]);
                    continue;
                }
                numbers.add(PaxRecords.decimal(digits.toByteArray(), 0, digits.size()));
                digits.reset();
                wanted = 1 + 2 * pairs(numbers.getFirst());
            }
        }
        return numbers.subList(1, numbers.size());
    }

    private static long pairs(long count) {
        if (count < 0 || count > LARGEST_SPECIAL) {
            throw invalidHeader();
        }
        return count;
    }

    private record Time(long seconds, int nanos) {
        /** A PAX time such as {@code -1.25}, or the header's; outside of what Go keeps it is 1970. */
        static Time of(@Nullable String pax, long header) {
            if (pax == null) {
                return bounded(header, 0);
            }
            int dot = pax.indexOf('.');
            String whole = dot < 0 ? pax : pax.substring(0, dot);
            String fraction = dot < 0 ? "" : pax.substring(dot + 1);
            if (!fraction.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw invalidHeader();
            }
            try {
                long seconds = Long.parseLong(whole);
                int nanos = Integer.parseInt((fraction + "000000000").substring(0, 9));
                return whole.startsWith("-") && nanos > 0
                        ? bounded(seconds - 1, 1_000_000_000 - nanos)
                        : bounded(seconds, nanos);
            } catch (NumberFormatException e) {
                throw invalidHeader();
            }
        }

        private static Time bounded(long seconds, int nanos) {
            return seconds < 0 || seconds > LAST_SECOND ? new Time(0, 0) : new Time(seconds, nanos);
        }
    }

    private static byte[] untilNul(byte[] bytes) {
        int nul = PaxRecords.indexOf(bytes, (byte) 0, 0, bytes.length);
        return nul < 0 ? bytes : Arrays.copyOf(bytes, nul);
    }

    private static byte[] orElse(byte @Nullable [] first, byte[] second) {
        return first == null ? second : first;
    }

    private static boolean endsWithSlash(byte[] name) {
        return name.length > 0 && name[name.length - 1] == '/';
    }
}

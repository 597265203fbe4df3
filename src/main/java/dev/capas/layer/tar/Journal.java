package dev.capas.layer.tar;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import dev.capas.linux.Directory;
import dev.capas.linux.Fd;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a layer's tar holds beside its tree: the raw headers, their order, the padding, and what follows the end; zstd-compressed, in the
 * file {@code journal} beside the directory {@code diff}. Together the two give back the exact tar. The same records are the layer's file index.
 *
 * <p>An entry is {@code E}, its raw headers, the length of its payload, where that is ({@link Payload}), its padding, and its index
 * line. After the last one comes {@code Z}, and then all that followed, up to the end of the file.
 */
public final class Journal {
    /** The file's name in the directory of a layer. */
    public static final String FILE = "journal";

    /** The name of the directory of payloads that the tree cannot give back; each file is named by the number of its entry. */
    public static final String SAVED = "saved";

    /** The name of the directory that is the tree. */
    public static final String TREE = "diff";

    private static final int ENTRY = 'E';
    private static final int END = 'Z';
    private static final int BUFFER = 1 << 17;
    private static final int SHA256 = 32;
    private static final Payload[] PAYLOADS = Payload.values();
    private static final IndexEntry.Type[] TYPES = IndexEntry.Type.values();

    /** Where the payload of an entry is. */
    enum Payload {
        NONE,
        TREE,
        SAVED
    }

    private Journal() {}

    /** Writes a journal in the pass that extracts the archive. */
    static final class Writer implements AutoCloseable {
        private final DataOutputStream out;

        Writer(Path layer) throws IOException {
            OutputStream file = Files.newOutputStream(layer.resolve(FILE));
            out = new DataOutputStream(new BufferedOutputStream(new ZstdOutputStream(file, 1), BUFFER));
        }

        void entry(byte[] raw, long payloadLength, Payload payload, byte[] padding, IndexEntry index)
                throws IOException {
            out.write(ENTRY);
            bytes(raw);
            out.writeLong(payloadLength);
            out.write(payload.ordinal());
            bytes(padding);
            bytes(index.path());
            out.write(index.type().ordinal());
            out.writeInt(index.mode());
            out.writeLong(index.uid());
            out.writeLong(index.gid());
            out.writeLong(index.size());
            byte[] content = index.content();
            out.write(content == null ? 0 : 1);
            if (content != null) {
                out.write(content);
            }
        }

        /** Begins what follows the last entry; it is written with {@link #rest}. */
        void end() throws IOException {
            out.write(END);
        }

        void rest(byte[] buffer, int length) throws IOException {
            out.write(buffer, 0, length);
        }

        @Override
        public void close() throws IOException {
            out.close();
        }

        private void bytes(byte[] value) throws IOException {
            out.writeInt(value.length);
            out.write(value);
        }
    }

    /**
     * Gives every line of a layer's index to the consumer, in the order of the archive.
     *
     * @param layer the directory that holds {@code diff} and {@code journal}
     */
    public static void index(Path layer, Consumer<IndexEntry> consumer) throws IOException {
        read(layer, (number, raw, payloadLength, payload, padding, entry) -> consumer.accept(entry), null);
    }

    /** Takes a line of an index, and what else the entry's headers tell. */
    public interface Reader {
        void entry(IndexEntry entry, HeaderDetails details) throws IOException;
    }

    /**
     * Gives every line of a layer's index to the reader, in the order of the archive, with what the headers tell beside it.
     *
     * @param layer the directory that holds {@code diff} and {@code journal}
     */
    public static void details(Path layer, Reader reader) throws IOException {
        read(
                layer,
                (number, raw, payloadLength, payload, padding, entry) ->
                        reader.entry(entry, HeaderDetails.of(raw, entry.type())),
                null);
    }

    /**
     * Writes the layer's exact tar.
     *
     * @param layer the directory that holds {@code diff} and {@code journal}
     * @throws IOException if something of the layer is not there any more
     */
    public static void writeTar(Path layer, OutputStream out) throws IOException {
        byte[] buffer = new byte[BUFFER];
        try (Directory tree = Directory.open(layer.resolve(TREE))) {
            read(
                    layer,
                    (number, raw, payloadLength, payload, padding, entry) -> {
                        out.write(raw);
                        Path saved = layer.resolve(SAVED).resolve(Long.toString(number));
                        if (payload == Payload.SAVED || payload == Payload.TREE && Files.exists(saved)) {
                            try (Fd file = Fd.open(saved, Fd.O_RDONLY, 0)) {
                                copy(file, payloadLength, out, buffer, entry);
                            }
                        } else if (payload == Payload.TREE) {
                            try (Fd file = tree.openFile(entry.path(), Fd.O_RDONLY | Fd.O_NOFOLLOW, 0)) {
                                copy(file, payloadLength, out, buffer, entry);
                            }
                        }
                        out.write(padding);
                    },
                    out);
        }
    }

    private interface Visitor {
        void entry(long number, byte[] raw, long payloadLength, Payload payload, byte[] padding, IndexEntry entry)
                throws IOException;
    }

    private static void read(Path layer, Visitor visitor, @Nullable OutputStream rest) throws IOException {
        try (JournalInput in = new JournalInput(new ZstdInputStream(Files.newInputStream(layer.resolve(FILE))))) {
            for (long number = 0; in.readByte() == ENTRY; number++) {
                byte[] raw = in.readBytes();
                long payloadLength = in.readLong();
                Payload payload = PAYLOADS[in.readByte()];
                byte[] padding = in.readBytes();
                IndexEntry entry = new IndexEntry(
                        in.readBytes(),
                        TYPES[in.readByte()],
                        in.readInt(),
                        in.readLong(),
                        in.readLong(),
                        in.readLong(),
                        in.readByte() == 0 ? null : in.readBytes(SHA256));
                visitor.entry(number, raw, payloadLength, payload, padding, entry);
            }
            if (rest != null) {
                in.transferTo(rest);
            }
        }
    }

    private static void copy(Fd file, long length, OutputStream out, byte[] buffer, IndexEntry entry)
            throws IOException {
        for (long left = length; left > 0; ) {
            int n = file.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (n < 0) {
                throw new EOFException(
                        new String(entry.path(), java.nio.charset.StandardCharsets.UTF_8) + " is shorter than it was");
            }
            out.write(buffer, 0, n);
            left -= n;
        }
    }
}

package dev.capas.layer.tar;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a tar as Go's {@code archive/tar} understands it.
 *
 * @param name its name, raw bytes, as the archive has it
 * @param linkName for links, what they point to, raw bytes
 * @param type the type flag; {@code '0'} also where the archive has NUL
 * @param mode the permission bits with setuid, setgid and sticky
 * @param uid the owner
 * @param gid the group
 * @param size the apparent length of the content in bytes, after PAX and sparse headers
 * @param payload how many bytes of the archive belong to the content
 * @param mtime last change in seconds since 1970
 * @param mtimeNanos and nanoseconds
 * @param major for devices
 * @param minor for devices
 * @param xattrs extended attributes by name, from {@code SCHILY.xattr.}
 * @param sparse where the pieces of a sparse file lie, or null
 */
record TarHeader(
        byte[] name,
        byte[] linkName,
        byte type,
        int mode,
        long uid,
        long gid,
        long size,
        long payload,
        long mtime,
        int mtimeNanos,
        long major,
        long minor,
        Map<String, byte[]> xattrs,
        @Nullable SparseMap sparse) {
    static final byte REGULAR = '0';
    static final byte REGULAR_OLD = 0;
    static final byte LINK = '1';
    static final byte SYMLINK = '2';
    static final byte CHARACTER_DEVICE = '3';
    static final byte BLOCK_DEVICE = '4';
    static final byte DIRECTORY = '5';
    static final byte FIFO = '6';
    static final byte PAX = 'x';
    static final byte PAX_GLOBAL = 'g';
    static final byte GNU_LONG_NAME = 'L';
    static final byte GNU_LONG_LINK = 'K';

    /** Whether Go reads no content for the type, whatever the size field says. */
    static boolean isHeaderOnly(byte type) {
        return type >= LINK && type <= FIFO;
    }

    boolean isRegular() {
        return type == REGULAR;
    }
}

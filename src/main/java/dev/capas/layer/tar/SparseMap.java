package dev.capas.layer.tar;

import java.util.ArrayList;
import java.util.List;

/**
 * The data pieces of a sparse file in the PAX formats 0.0, 0.1 and 1.0 of GNU tar; what lies between is zero.
 *
 * @param pieces in ascending order, not overlapping
 */
record SparseMap(List<Piece> pieces) {
    /**
     * @param offset where it begins in the file, in bytes
     * @param length in bytes
     */
    record Piece(long offset, long length) {}

    static SparseMap of(List<Long> numbers, long realSize) {
        if (numbers.size() % 2 != 0) {
            throw TarReader.invalidHeader();
        }
        List<Piece> pieces = new ArrayList<>();
        long end = 0;
        for (int i = 0; i < numbers.size(); i += 2) {
            Piece piece = new Piece(numbers.get(i), numbers.get(i + 1));
            if (piece.offset() < end || piece.length() < 0 || piece.offset() > realSize - piece.length()) {
                throw TarReader.invalidHeader();
            }
            end = piece.offset() + piece.length();
            pieces.add(piece);
        }
        return new SparseMap(List.copyOf(pieces));
    }

    long dataLength() {
        return pieces.stream().mapToLong(Piece::length).sum();
    }
}

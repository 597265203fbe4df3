package dev.capas.api;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Aligned columns as the docker CLI prints them: headings in capitals, three spaces between the columns. */
final class TextTable {
    /** Those of the CLI's lists. */
    private static final int NARROWEST = 10;

    private static final int PADDING = 3;

    private final List<String[]> rows = new ArrayList<>();

    /** A table without rows yet. */
    TextTable(String... headings) {
        rows.add(headings);
    }

    /** Adds a row of as many cells as there are headings; a character that would move a terminal is shown as Java writes it. */
    TextTable row(Object... cells) {
        if (cells.length != rows.getFirst().length) {
            throw new IllegalArgumentException(cells.length + " cells under " + rows.getFirst().length + " headings");
        }
        rows.add(Arrays.stream(cells).map(cell -> visible(cell.toString())).toArray(String[]::new));
        return this;
    }

    private static String visible(String text) {
        if (text.codePoints().noneMatch(TextTable::moves)) {
            return text;
        }
        var visible = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (moves(c)) {
                visible.append(String.format("\\u%04x", c));
            } else {
                visible.appendCodePoint(c);
            }
        });
        return visible.toString();
    }

    /** Controls, line ends, and what turns the direction of writing. */
    private static boolean moves(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    /** The lines, each with its end. */
    @Override
    public String toString() {
        int[] widths = new int[rows.getFirst().length];
        for (String[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                int width = Math.max(NARROWEST, length(row[column]) + PADDING);
                widths[column] = Math.max(widths[column], width);
            }
        }
        var text = new StringBuilder();
        for (String[] row : rows) {
            for (int column = 0; column < row.length - 1; column++) {
                text.append(row[column]).repeat(' ', widths[column] - length(row[column]));
            }
            text.append(row[row.length - 1]).append('\n');
        }
        return text.toString();
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}

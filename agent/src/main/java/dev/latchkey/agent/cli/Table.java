package dev.latchkey.agent.cli;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Rows whose columns line up. */
final class Table {
    private static final String ABSENT = "-";
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... head) {
        rows.add(List.of(head));
    }

    /** Adds a row; an absent cell is a dash, a list is joined by commas, times stop at the second. */
    Table row(Object... cells) {
        rows.add(texts(cells));
        return this;
    }

    static List<String> texts(Object... cells) {
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            row.add(text(cell));
        }
        return row;
    }

    private static String text(Object cell) {
        return switch (cell) {
            case Optional<?> optional -> optional.map(Table::text).orElse(ABSENT);
            case List<?> list ->
                list.isEmpty()
                        ? ABSENT
                        : String.join(",", list.stream().map(Table::text).toList());
            case Instant time -> time.truncatedTo(ChronoUnit.SECONDS).toString();
            case Boolean truth -> truth ? "yes" : "no";
            // What an operator wrote must not steer the terminal of another.
            default -> cell.toString().replaceAll("[\\p{Cc}\\p{Cf}]", "?");
        };
    }

    @Override
    public String toString() {
        int[] widths = widths(rows);
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            text.append(line(row, widths)).append('\n');
        }
        return text.toString();
    }

    static int[] widths(List<List<String>> rows) {
        int[] widths = new int[rows.getFirst().size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        return widths;
    }

    /** A cell that is wider than its column pushes the others aside. */
    static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            line.append(i == 0 ? "" : GAP).append(row.get(i));
            line.append(" ".repeat(Math.max(0, widths[i] - width(row.get(i)))));
        }
        return line.toString().stripTrailing();
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}

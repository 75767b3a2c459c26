package dev.latchkey.agent.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A table of any length, printed as it comes: the first rows wait for each other and set the widths for all that follow. */
final class FlowingTable {
    private static final int MOST_WAITING = 1_000;
    private static final int MOST_CHARACTERS = 1 << 20;

    private final Consumer<String> out;
    private final List<List<String>> waiting = new ArrayList<>();
    private int characters;

    /** Null while rows wait. */
    private int @Nullable [] widths;

    FlowingTable(Consumer<String> out, String... head) {
        this.out = out;
        add(List.of(head));
    }

    /** Adds a row, as {@link Table#row}. */
    void row(Object... cells) {
        add(Table.texts(cells));
    }

    private void add(List<String> row) {
        if (widths != null) {
            out.accept(Table.line(row, widths) + "\n");
            return;
        }
        waiting.add(row);
        characters += row.stream().mapToInt(String::length).sum();
        if (waiting.size() > MOST_WAITING || characters > MOST_CHARACTERS) {
            end();
        }
    }

    /** Prints what waits. */
    void end() {
        if (widths != null) {
            return;
        }
        int[] found = Table.widths(waiting);
        waiting.forEach(row -> out.accept(Table.line(row, found) + "\n"));
        waiting.clear();
        widths = found;
    }
}

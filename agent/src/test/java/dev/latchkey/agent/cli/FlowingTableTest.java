package dev.latchkey.agent.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowingTableTest {
    private final List<String> printed = new ArrayList<>();

    @Test
    void aShortTableIsPrintedAsAnyOther() {
        FlowingTable table = new FlowingTable(printed::add, "A", "B");
        table.row("wide one", 1);
        table.row("b", 22);
        assertEquals(List.of(), printed, "the widths are not known yet");
        table.end();
        Table same = new Table("A", "B").row("wide one", 1).row("b", 22);
        assertEquals(same.toString(), String.join("", printed));
    }

    @Test
    void aLongTableIsPrintedAsItComes() {
        FlowingTable table = new FlowingTable(printed::add, "A", "B");
        for (int i = 0; i < 5_000; i++) {
            table.row(i, "x");
        }
        assertEquals(5_001, printed.size(), "nothing waits for the end");
        table.row("far too wide", "y");
        table.end();
        assertEquals("far too wide  y\n", printed.getLast());
        assertEquals(5_002, printed.size());
        assertEquals("A    B\n", printed.getFirst());
    }

    @Test
    void wideRowsDoNotWaitInNumbers() {
        FlowingTable table = new FlowingTable(printed::add, "A");
        table.row("x".repeat(1 << 20));
        table.row("y");
        assertEquals(3, printed.size());
    }
}

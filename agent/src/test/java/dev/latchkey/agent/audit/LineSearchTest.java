package dev.latchkey.agent.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a record begins, in files of all shapes. */
final class LineSearchTest {
    @TempDir
    private Path folder;

    @Test
    void findsEachRecordOfAFileWithLinesOfAllLengths() throws Exception {
        List<Long> begins = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            begins.add((long) text.length());
            text.append("{\"seq\":").append(100 + i).append(",\"x\":\"");
            text.append("y".repeat(i % 7 == 3 ? 200_000 : i * 13)).append("\"}\n");
        }
        Path file = write(text + "{\"seq\":16");
        for (int i = 0; i < 60; i++) {
            assertEquals(begins.get(i), find(file, 100 + i), "record " + (100 + i));
        }
        assertEquals(0, find(file, 1));
        assertEquals(text.length(), find(file, 160), "the end of what is whole");
    }

    @Test
    void findsNothingInAnEmptyFile() throws Exception {
        assertEquals(0, find(write(""), 1));
    }

    @Test
    void refusesWhatIsNoRecord() throws Exception {
        Path file = write("something else\n");
        assertThrows(BadRecordException.class, () -> find(file, 1));
    }

    private Path write(String text) throws IOException {
        return Files.writeString(folder.resolve("log"), text);
    }

    private static long find(Path file, long sequence) throws Exception {
        try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "r")) {
            return new LineSearch(content).find(sequence);
        }
    }
}

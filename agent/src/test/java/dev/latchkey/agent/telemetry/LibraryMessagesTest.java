package dev.latchkey.agent.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class LibraryMessagesTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @BeforeEach
    void listen() {
        PrintStream err = new PrintStream(written, true, StandardCharsets.UTF_8);
        LibraryMessages.to(new Log(err, Clock.systemUTC(), Log.Level.INFO, Log.Format.LOGFMT));
    }

    @Test
    void tellWhoWarnedAndOfWhatKindOfFaultAndNeverTheText() {
        org.slf4j.Logger logger = new LibraryLoggers().getLoggerFactory().getLogger("a.library");

        logger.warn("the password is {}", "canary");
        logger.error("the password is canary", new IOException("canary"));
        logger.warn("of {} and {}", "canary", "canary", new IllegalStateException("canary"));

        List<String> lines = written().lines().toList();
        assertEquals(3, lines.size());
        assertTrue(lines.get(0).contains("logger=a.library fault=none"), lines::toString);
        assertTrue(lines.get(1).contains("fault=java.io.IOException"), lines::toString);
        assertTrue(lines.get(2).contains("fault=java.lang.IllegalStateException"), lines::toString);
        assertFalse(written().contains("canary"));
    }

    @Test
    void leaveOutWhatIsNoWarning() {
        org.slf4j.Logger logger = new LibraryLoggers().getLoggerFactory().getLogger("a.library");

        logger.info("canary");
        logger.debug("canary");
        logger.trace("canary");

        assertEquals("", written());
    }

    @Test
    void hearTheJdksLoggingAndReplaceItsHandlers() throws IOException {
        try {
            new LibraryMessages.JdkSettings();
            Logger root = Logger.getLogger("");
            assertEquals(
                    LibraryMessages.JdkMessages.class,
                    root.getHandlers()[0].getClass(),
                    Arrays.toString(root.getHandlers()));
            assertEquals(1, root.getHandlers().length);
            LogRecord warning = new LogRecord(Level.WARNING, "canary");
            warning.setThrown(new IOException("canary"));
            warning.setLoggerName("the.jdk");
            Logger.getLogger("the.jdk").log(warning);
            Logger.getLogger("the.jdk").info("canary");
        } finally {
            LogManager.getLogManager().readConfiguration();
        }

        assertEquals(1, written().lines().count(), written());
        assertTrue(written().contains("logger=the.jdk fault=java.io.IOException"), written());
        assertFalse(written().contains("canary"));
    }

    private String written() {
        return written.toString(StandardCharsets.UTF_8);
    }
}

package dev.latchkey.agent.telemetry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/**
 * What libraries log, through SLF4J or the JDK: that they warned of something, and what kind of fault it was.
 *
 * <p>SECURITY: never their text, which may hold whatever they were given.
 */
public final class LibraryMessages {
    private static volatile Optional<Log> log = Optional.empty();

    private LibraryMessages() {}

    /**
     * From now on goes to this log. SLF4J is told by {@code bin/agent} that it gets its loggers {@linkplain LibraryLoggers here}. The JDK's logging,
     * whose own handlers would write text to stderr, is set up when somebody first uses it: it looks through every jar then, which no start should
     * wait for.
     */
    public static void to(Log log) {
        LibraryMessages.log = Optional.of(log);
        System.setProperty("java.util.logging.config.class", JdkSettings.class.getName());
    }

    static void add(String logger, @Nullable Throwable fault) {
        log.ifPresent(l -> l.warn(
                Event.LIBRARY_MESSAGE,
                Key.LOGGER.of(logger),
                Key.FAULT.of(fault == null ? "none" : fault.getClass().getName())));
    }

    /** Sets up the JDK's logging, which makes it by name. */
    public static final class JdkSettings {
        public JdkSettings() throws IOException {
            String settings = "handlers=" + JdkMessages.class.getName() + "\n.level=WARNING\n";
            LogManager.getLogManager()
                    .readConfiguration(new ByteArrayInputStream(settings.getBytes(StandardCharsets.ISO_8859_1)));
        }
    }

    /** Hears what is logged through the JDK, which makes it by name. */
    public static final class JdkMessages extends Handler {
        @Override
        public void publish(LogRecord message) {
            add(String.valueOf(message.getLoggerName()), message.getThrown());
        }

        @Override
        public void flush() {
            // Lines are written whole.
        }

        @Override
        public void close() {
            // Owns nothing.
        }
    }
}

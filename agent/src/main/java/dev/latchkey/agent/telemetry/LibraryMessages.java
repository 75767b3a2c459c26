package dev.latchkey.agent.telemetry;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What libraries log through the JDK: that they did, and what kind of fault it was.
 *
 * <p>SECURITY: never their text, which may hold whatever they were given.
 */
public final class LibraryMessages extends Handler {
    private final Log log;

    private LibraryMessages(Log log) {
        this.log = log;
    }

    /** Takes the place of the JDK's own handlers, which write text to stderr. */
    public static void to(Log log) {
        LogManager.getLogManager().reset();
        Logger root = Logger.getLogger("");
        root.setLevel(Level.WARNING);
        root.addHandler(new LibraryMessages(log));
    }

    @Override
    public void publish(LogRecord message) {
        Throwable fault = message.getThrown();
        log.warn(
                Event.LIBRARY_MESSAGE,
                Key.LOGGER.of(String.valueOf(message.getLoggerName())),
                Key.FAULT.of(fault == null ? "none" : fault.getClass().getName()));
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

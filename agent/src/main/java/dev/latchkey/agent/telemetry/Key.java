package dev.latchkey.agent.telemetry;

import java.util.Locale;

/** Every key of a log line. */
public enum Key {
    BYTES,
    CODE,
    COUNT,
    FAULT,
    FILE,
    HINT,
    LOCATION,
    LOGGER,
    MESSAGE,
    MILLIS,
    OFFSET,
    POLICY,
    PROVIDER,
    SOCKET,
    UID,
    VERSION;

    /** A field of a line. */
    public Field of(Object value) {
        return new Field(this, String.valueOf(value));
    }

    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** A key with its value. */
    public record Field(Key key, String value) {}
}

package dev.latchkey.protocol;

import java.util.Locale;

/** Why a frame could not be decoded: SPEC.md, section 6. */
public enum FailureClass {
    TRUNCATED,
    BAD_MAGIC,
    BAD_VERSION,
    BAD_TYPE,
    BAD_RESERVED,
    TOO_LONG,
    TRAILING,
    FIELD_OVERRUN,
    FIELD_ORDER,
    FIELD_REPEATED,
    FIELD_MISSING,
    UNKNOWN_CRITICAL,
    BAD_VALUE;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /** The name in the specification, as in {@code field-overrun}. */
    public String text() {
        return text;
    }
}

package dev.latchkey.protocol;

/** The two ends of a connection. */
public enum Side {
    AGENT,
    CLIENT
}

package dev.latchkey.agent.config;

/**
 * One key of {@code agent.yaml}, defined once for reading, schema and reference.
 *
 * @param doc a sentence for the reference, without full stop
 * @param otherwise what holds without the key, in words; empty for a required key
 * @param restart whether a change waits for the next start of the agent
 */
record Key<T>(String name, Type<T> type, String doc, String otherwise, boolean restart) {
    static <T> Key<T> of(String name, Type<T> type, String doc, String otherwise) {
        return new Key<>(name, type, doc, otherwise, false);
    }

    static <T> Key<T> required(String name, Type<T> type, String doc) {
        return new Key<>(name, type, doc, "", false);
    }

    /** A key of a capability that is still to come: known, and refused by name. */
    static Key<Object> later(String name, String doc) {
        return new Key<>(name, new Later(), doc, "not available yet", false);
    }

    Key<T> atRestart() {
        return new Key<>(name, type, doc, otherwise, true);
    }

    boolean required() {
        return otherwise.isEmpty();
    }

    boolean available() {
        return !(type instanceof Later);
    }
}

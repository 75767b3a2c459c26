package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;

/** A kind of use that a secret is for, as in {@code service}; same grammar as a project's name. */
public record Scope(String text) implements Comparable<Scope> {
    /**
     * @throws AgentException of kind {@code BAD_NAME}
     */
    public Scope {
        Names.requireShort("scope", text);
    }

    @Override
    public int compareTo(Scope other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}

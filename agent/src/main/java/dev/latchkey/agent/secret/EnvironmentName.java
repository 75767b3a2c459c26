package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;

/** The name of an environment: 1 to 63 of {@code A-Za-z0-9._-}, beginning with a letter or a digit; case matters. */
public record EnvironmentName(String text) implements Comparable<EnvironmentName> {
    public static final EnvironmentName DEFAULT = new EnvironmentName("default");

    /**
     * @throws AgentException of kind {@code BAD_NAME}
     */
    public EnvironmentName {
        Names.requireShort("environment", text);
    }

    @Override
    public int compareTo(EnvironmentName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}

package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;

/** The name of a project: 1 to 63 of {@code A-Za-z0-9._-}, beginning with a letter or a digit; case matters. */
public record ProjectName(String text) implements Comparable<ProjectName> {
    public static final ProjectName DEFAULT = new ProjectName("default");

    /**
     * @throws AgentException of kind {@code BAD_NAME}
     */
    public ProjectName {
        Names.requireShort("project", text);
    }

    @Override
    public int compareTo(ProjectName other) {
        return text.compareTo(other.text);
    }

    @Override
    public String toString() {
        return text;
    }
}

package dev.latchkey.agent.admin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.Arrays;
import java.util.Locale;

/** What an operator may do, each more than the one before it. */
public enum Role {
    /** Nothing at all. */
    NONE,
    /** See names, versions, decisions, the audit log; never a value. */
    VIEWER,
    /** Write secrets. */
    EDITOR,
    /** Destroy, create and delete places, look after keys and backups. */
    ADMIN;

    public boolean includes(Role other) {
        return compareTo(other) >= 0;
    }

    /** As it is written in configuration and in the audit log. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * @throws AgentException of kind {@code BAD_ARGUMENT}
     */
    public static Role parse(String text) {
        return Arrays.stream(values())
                .filter(role -> role.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new AgentException(
                        FailureKind.BAD_ARGUMENT, "not a role", "the roles are none, viewer, editor and admin"));
    }
}

package dev.latchkey.agent.admin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The signals that consumers can be sent, with the numbers that they have on both processors. */
public enum Signal {
    HUP(1),
    INT(2),
    QUIT(3),
    ABRT(6),
    KILL(9),
    USR1(10),
    USR2(12),
    ALRM(14),
    TERM(15),
    CONT(18),
    STOP(19),
    TSTP(20),
    WINCH(28);

    private static final String PREFIX = "SIG";

    private final int number;

    Signal(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    /** All names, as in {@code TERM}. */
    public static List<String> names() {
        return Arrays.stream(values()).map(Signal::name).toList();
    }

    /** The signal of that name, with or without {@code SIG} before it. */
    public static Optional<Signal> find(String text) {
        String name = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
        return Arrays.stream(values())
                .filter(signal -> signal.name().equals(name))
                .findFirst();
    }

    /**
     * @throws AgentException {@code BAD_ARGUMENT}
     */
    public static Signal parse(String text) {
        return find(text)
                .orElseThrow(() -> new AgentException(
                        FailureKind.BAD_ARGUMENT, "not a signal", "the signals are " + String.join(", ", names())));
    }
}

package dev.latchkey.agent.admin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.HashSet;
import java.util.Set;

/**
 * Who reads through the audit log at the moment. SECURITY: a record may be 4 MiB and there may be any number of them, so a few readings at
 * once would take memory and processor from launches; and one operator must not keep the others from reading. Any thread.
 */
final class Readings {
    static final int MOST = 2;

    private final Set<Long> reading = new HashSet<>();

    /** Runs it, unless that user reads already or enough others do. */
    void read(long uid, Runnable command) {
        begin(uid);
        try {
            command.run();
        } finally {
            end(uid);
        }
    }

    private synchronized void begin(long uid) {
        if (reading.size() == MOST || !reading.add(uid)) {
            throw new AgentException(
                    FailureKind.BUSY,
                    "the audit log is being read by " + (reading.contains(uid) ? "uid " + uid : MOST + " others")
                            + " at the moment",
                    "try again when that has ended; each user reads once at a time");
        }
    }

    private synchronized void end(long uid) {
        reading.remove(uid);
    }
}

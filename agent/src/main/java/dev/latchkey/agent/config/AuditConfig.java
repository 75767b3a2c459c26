package dev.latchkey.agent.config;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The audit log.
 *
 * @param path absolute, or relative to the state folder
 * @param rotateBytes the size at which a new file is begun; 0: never
 * @param keep how long a file that was rotated away is kept; zero: for ever
 */
public record AuditConfig(Path path, Durability durability, long rotateBytes, Duration keep) {
    /** What an appended record survives. */
    public enum Durability {
        /** The end of the agent. */
        WRITE,
        /** The end of the machine. */
        FSYNC
    }
}

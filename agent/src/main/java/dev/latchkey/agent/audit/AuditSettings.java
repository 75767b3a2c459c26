package dev.latchkey.agent.audit;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The {@code audit} section of the configuration.
 *
 * @param path the current file, absolute; rotated files lie beside it
 * @param rotateBytes the size at which a new file is begun; 0: never
 * @param keep how long a rotated file is kept after its last record; zero: for ever
 */
public record AuditSettings(Path path, Durability durability, long rotateBytes, Duration keep) {
    /** What an acknowledged record survives. */
    public enum Durability {
        /** The end of the agent. */
        WRITE,
        /** The end of the machine too; concurrent appends share one flush. */
        FSYNC
    }

    public AuditSettings {
        if (!path.isAbsolute() || rotateBytes < 0 || keep.isNegative()) {
            throw new IllegalStateException("audit settings out of range: " + path + " " + rotateBytes + " " + keep);
        }
    }
}

package dev.latchkey.agent.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.LongSupplier;

/**
 * The times that stand in a record.
 *
 * @param wall may jump; for people
 * @param monotonic nanoseconds that never go back within one boot
 * @param boot which boot that is; only letters, digits and dashes
 */
public record AuditClock(Clock wall, LongSupplier monotonic, String boot) {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final String UNKNOWN = "unknown";

    public AuditClock {
        if (!boot.matches("[0-9A-Za-z-]{1,64}")) {
            throw new IllegalStateException("not a boot id");
        }
    }

    /** The machine's own. */
    public static AuditClock system() {
        return new AuditClock(Clock.systemUTC(), System::nanoTime, readBootId());
    }

    /** A sandbox may hide the id; the order of records does not rest on it. */
    private static String readBootId() {
        try {
            return Files.readString(BOOT_ID).strip();
        } catch (IOException e) {
            return UNKNOWN;
        }
    }
}

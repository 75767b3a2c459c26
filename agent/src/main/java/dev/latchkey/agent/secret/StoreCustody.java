package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.AgentException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * Looking after the store as a whole: its keys, its backups, its integrity. All of it works while the store serves.
 *
 * <p>All methods may block and throw {@link AgentException}, {@code STATE_UNUSABLE} where a file cannot be used as it is. A {@code LongConsumer} hears how many
 * rows were done so far.
 */
public interface StoreCustody {
    KeyStatus keys();

    /**
     * Makes a new KEK of each configured kind that can, wraps every data key under the newest of all of them, and forgets keys that are configured no more;
     * no read fails meanwhile.
     */
    KeyStatus rotateKeys();

    /** The KEKs that could not be used when they were last asked. Asks nothing, and does not block. */
    List<KeyAway> keysAway();

    /** Writes a copy of the key file, 0600, to a path where nothing is yet. */
    void exportKey(Path to);

    /** Writes a consistent, encrypted and authenticated copy of the store, which only the same KEK can restore. */
    void backup(OutputStream to, LongConsumer rows);

    /** Replaces the content of the store by that of a backup, checked as a whole first; the store it replaces is kept beside it. */
    void restore(InputStream from, LongConsumer rows);

    /** Opens every row. */
    Verification verify(LongConsumer rows);

    /**
     * @param dataKeys those that are wrapped under all of them
     * @param since when the KEK in use was made; absent: none can be looked at
     */
    record KeyStatus(List<Kek> keks, long dataKeys, Optional<Instant> since) {
        public KeyStatus {
            keks = List.copyOf(keks);
        }
    }

    /**
     * One key-encryption key.
     *
     * @param kind as in the configuration: {@code file}
     * @param where names it for an operator: a path, an ARN
     * @param usable whether it can unwrap now, and would open the store alone
     * @param problem why not
     */
    record Kek(String kind, String id, String where, boolean usable, Optional<String> problem) {}

    /** A key-encryption key that could not be used when it was last asked, and why. */
    record KeyAway(String kind, String where, String problem) {}

    /**
     * @param problems one line for each row that cannot be opened, naming it
     */
    record Verification(long versions, List<String> problems) {
        public Verification {
            problems = List.copyOf(problems);
        }
    }
}

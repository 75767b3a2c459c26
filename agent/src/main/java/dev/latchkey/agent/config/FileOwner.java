package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whose a configuration may be.
 *
 * <p>SECURITY: who owns the file can write it, and who can write it can grant himself every secret. So it must be root's or the agent's own,
 * as sudo and sshd ask of theirs. In a user namespace the owner of a file from outside cannot be told: it shows as the overflow uid,
 * which is let pass, for whoever made the mount decided what is in it.
 *
 * @param uid of the agent
 */
record FileOwner(long uid) {
    private static final int ROOT = 0;
    private static final int OVERFLOW = 65534;
    private static final Path MAP = Path.of("/proc/self/uid_map");
    private static final String EVERYBODY = "0 0 4294967295";

    /** A file that is not there, or cannot be looked at, is reported by whoever reads it. */
    void check(Path file, Problems problems) {
        try {
            int owner = (Integer) Files.getAttribute(file, "unix:uid");
            if (owner != ROOT && owner != (int) uid && !(owner == OVERFLOW && isInUserNamespace())) {
                problems.addToWhole(
                        "the file belongs to uid " + Integer.toUnsignedString(owner)
                                + ", who could grant himself every secret",
                        "chown root " + file + " (or " + uid + ", as which the agent runs)");
            }
        } catch (IOException e) {
            return;
        }
    }

    private static boolean isInUserNamespace() throws IOException {
        return !Files.readString(MAP).strip().replaceAll("\\s+", " ").equals(EVERYBODY);
    }
}

package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.secret.Namespace;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * How the admin socket behaves.
 *
 * @param reach who can connect at all
 * @param defaults where names live for which a request says nothing else; asked anew with every request
 * @param requestDeadline from accept until a request that is not a stream is there as a whole
 * @param patience for each next piece of a stream that is read, and each write
 * @param connections that one user with a role may have at a time
 */
public record AdminSettings(
        Reach reach, Supplier<Namespace> defaults, Duration requestDeadline, Duration patience, int connections) {
    /** The usual deadlines and limits. */
    public static AdminSettings usual(Reach reach, Supplier<Namespace> defaults) {
        return new AdminSettings(reach, defaults, Duration.ofSeconds(30), Duration.ofSeconds(60), 32);
    }
}

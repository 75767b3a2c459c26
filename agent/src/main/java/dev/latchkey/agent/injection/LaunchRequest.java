package dev.latchkey.agent.injection;

import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.workload.LaunchedCommand;
import dev.latchkey.agent.workload.Presented;
import java.util.List;
import java.util.Optional;

/**
 * What a launcher asks for, decoded and not yet judged.
 *
 * @param project where names without one live; absent: the configuration's
 * @param token what the caller presents besides what the kernel says of it
 * @param command the program about to be run, as the launcher says it; decides nothing
 * @param proof what exactly that is, which decides if the launcher proves to be one
 */
public record LaunchRequest(
        boolean dryRun,
        Optional<String> project,
        Optional<String> environment,
        Optional<BearerToken> token,
        Optional<String> command,
        Optional<LaunchedCommand> proof,
        List<RequestedBinding> bindings) {
    public LaunchRequest {
        bindings = List.copyOf(bindings);
    }

    /** Of what tells requests apart. A record's own is put together by the JVM when it is first asked for, which the first launch would wait for. */
    @Override
    public int hashCode() {
        return 31 * (31 * project.hashCode() + command.hashCode()) + bindings.hashCode();
    }

    /** What it says of its sender. */
    Presented presented() {
        return new Presented(token, proof);
    }

    /**
     * One binding.
     *
     * @param reference its text as the user wrote it; SECURITY: may hold a default, so shown only up to its first comma
     */
    public record RequestedBinding(String target, String reference, boolean dangerousNameAllowed) {
        @Override
        public int hashCode() {
            return 31 * target.hashCode() + reference.hashCode();
        }

        @Override
        public String toString() {
            int comma = reference.indexOf(',');
            return target + "=" + (comma < 0 ? reference : reference.substring(0, comma));
        }
    }
}

package dev.latchkey.agent.admin.view;

import java.time.Instant;
import java.util.Optional;

/**
 * One version that a live process holds.
 *
 * @param workload the rule that let it have what it holds
 * @param pid absent if it lives in a PID namespace that the agent cannot see
 * @param uid when it connected
 * @param since when it got its first version
 * @param location {@code provider:path} of the secret
 * @param version in the provider's own form
 * @param current the version that a launch would get now; absent if there is none or it is not known
 * @param older whether it is known that a launch would get a newer one
 */
public record ConsumerView(
        String workload,
        Optional<Integer> pid,
        long uid,
        Instant since,
        String location,
        String version,
        Optional<String> current,
        boolean older) {}

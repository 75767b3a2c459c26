package dev.latchkey.agent;

import dev.latchkey.agent.config.Accounts;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.policy.Policy;
import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.Presented;
import dev.latchkey.agent.workload.Supposed;
import dev.latchkey.agent.workload.Workload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The caller that an operator asks about, as it would be after a login.
 *
 * @param supposed what was not asked and so taken from the machine's accounts, in words
 */
record SupposedCaller(Workload workload, List<String> supposed) {
    /** Any pid that can be seen: no rule looks at the number. */
    private static final int SEEN = 1;

    SupposedCaller {
        supposed = List.copyOf(supposed);
    }

    /** What a caller is supposed to meet. */
    record Place(List<String> listeners, Policy policy, Accounts accounts) {}

    /**
     * A user that the machine does not list has the gid of the same number, and no groups.
     *
     * @throws AgentException of kind {@code BAD_ARGUMENT} for a listener or a token file that the configuration does not have
     */
    static SupposedCaller of(Supposed asked, Place place) {
        Supposed.Credentials who = asked.credentials();
        Optional<Accounts.Membership> known = place.accounts().membership(who.uid());
        long gid = who.gid().orElse(known.map(Accounts.Membership::gid).orElse(who.uid()));
        List<Long> groups =
                who.groups().orElse(known.map(Accounts.Membership::groups).orElse(List.of()));
        List<String> supposed = new ArrayList<>();
        if (who.gid().isEmpty()) {
            supposed.add("gid " + gid);
        }
        if (who.groups().isEmpty()) {
            supposed.add(groups.isEmpty() ? "no groups" : "groups " + listed(groups));
        }
        Supposed.Arrival how = asked.arrival();
        Caller caller = new Caller(listener(how, place), how.hasPid() ? SEEN : 0, who.uid(), gid, groups);
        return new SupposedCaller(
                new Workload(
                        caller,
                        how.strictlyPinned(),
                        asked.process(),
                        new Presented(token(how, place), asked.process().command())),
                supposed);
    }

    private static String listener(Supposed.Arrival how, Place place) {
        String listener = how.listener().orElse(place.listeners().getFirst());
        if (!place.listeners().contains(listener)) {
            throw new AgentException(
                    FailureKind.BAD_ARGUMENT,
                    "there is no such socket",
                    "the sockets are " + String.join(", ", place.listeners()));
        }
        return listener;
    }

    private static Optional<BearerToken> token(Supposed.Arrival how, Place place) {
        return how.tokenFile().map(file -> token(file, place.policy()));
    }

    private static BearerToken token(Path file, Policy policy) {
        return policy.tokenOf(file)
                .orElseThrow(() -> new AgentException(
                        FailureKind.BAD_ARGUMENT,
                        "no rule has that token file",
                        "name the file as the rule's token-file does"));
    }

    /** The reason of a decision, with what it rests on. */
    String reason(String reason) {
        return supposed.isEmpty() ? reason : reason + "; supposing " + String.join(", ", supposed);
    }

    private static String listed(List<Long> groups) {
        return groups.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}

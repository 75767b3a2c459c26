package dev.latchkey.agent;

import dev.latchkey.agent.admin.PolicyExplainer.Question;
import dev.latchkey.agent.config.Accounts;
import dev.latchkey.agent.workload.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The caller that an operator asks about, as it would be after a login.
 *
 * @param supposed what was not asked and so taken from the machine's accounts, in words
 */
record SupposedCaller(Caller caller, List<String> supposed) {
    SupposedCaller {
        supposed = List.copyOf(supposed);
    }

    /** A user that the machine does not list has the gid of the same number, and no groups. */
    static SupposedCaller of(Question question, String listener, Accounts accounts) {
        Optional<Accounts.Membership> known = accounts.membership(question.uid());
        long gid = question.gid().orElse(known.map(Accounts.Membership::gid).orElse(question.uid()));
        List<Long> groups =
                question.groups().orElse(known.map(Accounts.Membership::groups).orElse(List.of()));
        List<String> supposed = new ArrayList<>();
        if (question.gid().isEmpty()) {
            supposed.add("gid " + gid);
        }
        if (question.groups().isEmpty()) {
            supposed.add(groups.isEmpty() ? "no groups" : "groups " + listed(groups));
        }
        return new SupposedCaller(new Caller(listener, 0, question.uid(), gid, groups), supposed);
    }

    /** The reason of a decision, with what it rests on. */
    String reason(String reason) {
        return supposed.isEmpty() ? reason : reason + "; supposing " + String.join(", ", supposed);
    }

    private static String listed(List<Long> groups) {
        return groups.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }
}

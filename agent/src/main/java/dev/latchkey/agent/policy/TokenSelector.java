package dev.latchkey.agent.policy;

import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.workload.Workload;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Bearer tokens, each by the file it was read from. SECURITY: every token of the rule is compared, in constant time, whichever fits.
 */
public record TokenSelector(Map<Path, BearerToken> tokens) implements Selector {
    public TokenSelector {
        tokens = Map.copyOf(tokens);
    }

    @Override
    public String key() {
        return "token-file";
    }

    @Override
    public Verdict test(Workload workload) {
        return Verdict.of(workload.token().filter(this::isOneOfOurs).isPresent());
    }

    private boolean isOneOfOurs(BearerToken presented) {
        boolean fits = false;
        for (BearerToken token : tokens.values()) {
            fits |= token.equals(presented);
        }
        return fits;
    }

    @Override
    public String mismatch(Workload workload) {
        return workload.token().isEmpty()
                ? "the caller has no token"
                : "the caller's token is not that of " + Selector.listed(tokens.keySet());
    }

    @Override
    public boolean covers(Selector other) {
        return other instanceof TokenSelector(Map<Path, BearerToken> others)
                && others.values().stream().allMatch(this::isOneOfOurs);
    }

    /** Two files may hold the same token. */
    @Override
    public boolean coversByValue() {
        return false;
    }

    /** The files, never what is in them: whoever sees the version of a policy must not be able to try tokens against it. */
    @Override
    public List<String> values() {
        return tokens.keySet().stream().map(Path::toString).sorted().toList();
    }
}

package dev.latchkey.agent.workload;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A caller for the time of one request, with all that can be attested of it. A property is learnt when it is first asked for and then
 * kept, so that a policy that asks for none costs nothing, and all decisions of a request rest on the same facts. For one thread.
 */
public final class Workload {
    private final Caller caller;
    private final boolean strictlyPinned;
    private final ProcessFacts facts;
    private final Optional<BearerToken> token;
    private @Nullable Attested<ControlGroup> controlGroup;
    private @Nullable Attested<Sha256> executableHash;

    /**
     * @param strictlyPinned whether no other process can be taken for the caller, ever
     * @param token what it presented
     */
    public Workload(Caller caller, boolean strictlyPinned, ProcessFacts facts, Optional<BearerToken> token) {
        this.caller = caller;
        this.strictlyPinned = strictlyPinned;
        this.facts = facts;
        this.token = token;
    }

    public Caller caller() {
        return caller;
    }

    public boolean strictlyPinned() {
        return strictlyPinned;
    }

    public Optional<BearerToken> token() {
        return token;
    }

    public Attested<ControlGroup> controlGroup() {
        Attested<ControlGroup> known = controlGroup;
        if (known == null) {
            known = facts.controlGroup();
            controlGroup = known;
        }
        return known;
    }

    /** Whether it runs that very file. */
    public Attested<Boolean> runs(Path file) {
        return facts.runs(file);
    }

    public Attested<Sha256> executableHash() {
        Attested<Sha256> known = executableHash;
        if (known == null) {
            known = facts.executableHash();
            executableHash = known;
        }
        return known;
    }
}

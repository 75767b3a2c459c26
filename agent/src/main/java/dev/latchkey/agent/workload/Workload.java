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
    private final Presented presented;
    private @Nullable Attested<Long> launcher;
    private @Nullable Attested<ControlGroup> controlGroup;
    private @Nullable Attested<Sha256> executableHash;

    /**
     * @param strictlyPinned whether no other process can be taken for the caller, ever
     * @param presented what it says of itself
     */
    public Workload(Caller caller, boolean strictlyPinned, ProcessFacts facts, Presented presented) {
        this.caller = caller;
        this.strictlyPinned = strictlyPinned;
        this.facts = facts;
        this.presented = presented;
    }

    public Caller caller() {
        return caller;
    }

    public boolean strictlyPinned() {
        return strictlyPinned;
    }

    public Optional<BearerToken> token() {
        return presented.token();
    }

    /** What it becomes, known only of a launcher that proved to be one and said so. */
    public Attested<LaunchedCommand> command() {
        return launcher().part(_ -> presented.command(), "the launcher says nothing of a command");
    }

    private Attested<Long> launcher() {
        Attested<Long> known = launcher;
        if (known == null) {
            known = facts.launcher();
            launcher = known;
        }
        return known;
    }

    public Attested<ControlGroup> controlGroup() {
        Attested<ControlGroup> known = controlGroup;
        if (known == null) {
            known = facts.controlGroup();
            controlGroup = known;
        }
        return known;
    }

    /** Whether it runs that very file. SECURITY: told only of a launcher, for another process can become any program once it has asked. */
    public Attested<Boolean> runs(Path file) {
        return launcher() instanceof Attested.Known
                ? facts.runs(file)
                : launcher().part(_ -> Optional.empty(), "");
    }

    /** The content of what it runs. SECURITY: likewise. */
    public Attested<Sha256> executableHash() {
        if (!(launcher() instanceof Attested.Known)) {
            return launcher().part(_ -> Optional.empty(), "");
        }
        Attested<Sha256> known = executableHash;
        if (known == null) {
            known = facts.executableHash();
            executableHash = known;
        }
        return known;
    }
}

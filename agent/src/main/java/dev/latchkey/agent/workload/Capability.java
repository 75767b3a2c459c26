package dev.latchkey.agent.workload;

/** Something that attestation can do on some machines only, and that a rule may ask for. */
public enum Capability {
    STRICT_PIN("a strict pin of the caller"),
    CONTROL_GROUPS("to read the control groups of other users' processes"),
    EXECUTABLES("to look at the executables of processes that may not be traced"),
    LAUNCHER_PROOF("the launcher's proof of what it runs");

    private final String words;

    Capability(String words) {
        this.words = words;
    }

    /** As it stands after "needs". */
    public String words() {
        return words;
    }
}

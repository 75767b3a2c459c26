package dev.latchkey.agent.policy;

/** How a selector fits a workload. */
enum Verdict {
    FITS,
    DIFFERS,
    /** The property could not be learnt, so that neither can be said. */
    UNKNOWN;

    static Verdict of(boolean fits) {
        return fits ? FITS : DIFFERS;
    }
}

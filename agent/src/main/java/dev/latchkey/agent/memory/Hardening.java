package dev.latchkey.agent.memory;

import dev.latchkey.agent.sys.ErrnoException;
import dev.latchkey.agent.sys.ProcessCalls;
import java.util.ArrayList;
import java.util.List;

/** Makes the process one that others cannot look into, and whose files are private from the first byte. */
public final class Hardening {
    private static final int PRIVATE = 077;

    private final List<String> missing = new ArrayList<>();

    private Hardening() {}

    /**
     * Not dumpable, no core file, umask 077.
     *
     * @return what could not be had, one sentence each
     */
    public static List<String> apply() {
        Hardening hardening = new Hardening();
        ProcessCalls.umask(PRIVATE);
        hardening.attempt("the process stays dumpable", () -> ProcessCalls.setDumpable(false));
        hardening.attempt("core files stay allowed", ProcessCalls::forbidCore);
        return List.copyOf(hardening.missing);
    }

    private void attempt(String otherwise, Runnable step) {
        try {
            step.run();
        } catch (ErrnoException e) {
            missing.add(otherwise + ": " + e.getMessage());
        }
    }
}

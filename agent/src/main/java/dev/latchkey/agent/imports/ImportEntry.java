package dev.latchkey.agent.imports;

import dev.latchkey.agent.secret.SecretValue;

/** One secret that a file holds. */
public sealed interface ImportEntry {
    /** As the file has it. */
    String name();

    /** With its value, which is the list's to wipe. */
    record Found(String name, SecretValue value) implements ImportEntry {}

    /**
     * It cannot be imported.
     *
     * @param reason without any value
     */
    record Refused(String name, String reason) implements ImportEntry {}
}

package dev.latchkey.agent.manifest;

import java.util.Optional;

/**
 * What a value must be like, whoever holds it.
 *
 * @param pattern the whole value must match
 * @param minLength in bytes
 * @param json whether it must be JSON
 */
public record Check(Optional<ValuePattern> pattern, int minLength, boolean json) {
    /** Anything goes. */
    public static final Check NONE = new Check(Optional.empty(), 0, false);
}

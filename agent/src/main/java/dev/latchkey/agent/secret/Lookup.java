package dev.latchkey.agent.secret;

import dev.latchkey.agent.failure.Failure;

/** The answer of a provider that could answer. */
public sealed interface Lookup {
    /** The version is there; close it when done. */
    record Found(FoundSecret secret) implements Lookup {}

    /** There is nothing to serve: not found, disabled, expired, an unknown project or environment. */
    record Absent(Failure failure) implements Lookup {}
}

package dev.latchkey.agent.secret;

import java.time.Instant;
import java.util.Optional;

/**
 * One immutable content of a secret, without the content.
 *
 * @param number 1, 2, 3 … in the order of making; never used again
 * @param size bytes of the value
 * @param current whether a reference without a version means this one, be it disabled or not
 * @param disabled served to nobody until it is enabled again; no older version takes its place
 */
public record SecretVersion(
        long number, Instant created, Optional<Instant> expires, int size, boolean current, boolean disabled) {}

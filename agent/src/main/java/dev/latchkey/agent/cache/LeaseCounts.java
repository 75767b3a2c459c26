package dev.latchkey.agent.cache;

import java.time.Duration;
import java.util.Optional;

/**
 * Leases that are kept up, or have yet to be given back.
 *
 * @param held those that somebody holds
 * @param nextRenewal when the first of them is renewed next; absent: none is
 */
public record LeaseCounts(int count, int held, Optional<Duration> nextRenewal) {}

/**
 * Who may have what: rules, and their pure evaluation to a decision.
 *
 * <p>The first rule whose every selector matches the caller decides; if none matches, everything is denied. Within a rule {@code deny} goes
 * before {@code allow}, and what neither names is denied. A decision looks at names alone, so it tells nothing about what
 * exists. Scopes are checked later, by whoever looked the secret up, against {@link dev.latchkey.agent.policy.Decision.Allow}.
 *
 * <p>SECURITY: where it cannot be learnt whether a rule matches, the caller is denied; no rule below it is asked.
 *
 * <p>A {@link dev.latchkey.agent.policy.Policy} is an immutable snapshot with a version (a hash of its rules) that stands in
 * every audit record. No clock, and no I/O but what a {@link dev.latchkey.agent.workload.Workload} does to learn what a rule asks for; any thread.
 */
@NullMarked
package dev.latchkey.agent.policy;

import org.jspecify.annotations.NullMarked;

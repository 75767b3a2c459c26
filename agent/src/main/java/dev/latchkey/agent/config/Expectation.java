package dev.latchkey.agent.config;

import dev.latchkey.agent.workload.Supposed;
import java.util.List;
import java.util.Optional;

/**
 * What an operator expects of the policy for one caller.
 *
 * @param line where it stands in its file
 * @param rule the name of the rule that must decide; absent: any, or none
 * @param allow references that must be allowed
 * @param deny references that must be denied
 */
public record Expectation(
        String name, int line, Supposed caller, Optional<String> rule, List<String> allow, List<String> deny) {
    public Expectation {
        allow = List.copyOf(allow);
        deny = List.copyOf(deny);
    }
}

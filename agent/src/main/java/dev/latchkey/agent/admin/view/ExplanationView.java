package dev.latchkey.agent.admin.view;

import java.util.Optional;

/**
 * What the policy says to one caller about one reference.
 *
 * @param decision {@code allow} or {@code deny}
 * @param rule absent: none matched
 */
public record ExplanationView(String reference, String decision, Optional<String> rule, String reason) {
    public static final String ALLOW = "allow";
    public static final String DENY = "deny";
}

package dev.latchkey.agent.admin.view;

import java.util.Optional;

/**
 * What the policy says to one caller about one reference.
 *
 * @param decision {@code allow}, {@code deny}, or {@code invalid} where the reference means nothing to decide on
 * @param rule absent: none matched
 */
public record ExplanationView(String reference, String decision, Optional<String> rule, String reason) {
    public static final String ALLOW = "allow";
}

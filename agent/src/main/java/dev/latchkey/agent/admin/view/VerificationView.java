package dev.latchkey.agent.admin.view;

import java.util.List;

/**
 * What opening every row of the store showed.
 *
 * @param versions rows that were opened
 * @param problems one line for each row that cannot be
 */
public record VerificationView(long versions, List<String> problems) {
    public VerificationView {
        problems = List.copyOf(problems);
    }
}

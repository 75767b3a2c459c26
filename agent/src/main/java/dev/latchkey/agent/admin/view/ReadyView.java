package dev.latchkey.agent.admin.view;

import java.util.List;

/**
 * Whether the agent serves.
 *
 * @param reasons why not; empty if it does
 */
public record ReadyView(boolean ready, List<String> reasons) {
    public ReadyView {
        reasons = List.copyOf(reasons);
    }
}

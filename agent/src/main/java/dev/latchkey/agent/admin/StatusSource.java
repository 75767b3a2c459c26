package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.StatusView;

/** Port: whoever knows all parts of the agent tells their state. May block, and does not fail because a part did. */
@FunctionalInterface
public interface StatusSource {
    StatusView status();
}

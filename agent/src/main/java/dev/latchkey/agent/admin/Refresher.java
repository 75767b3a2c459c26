package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.RefreshedView;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.Namespace;

/** Port: fetches again what is kept of a secret. */
@FunctionalInterface
public interface Refresher {
    /**
     * @param defaults where a name without project and environment lives
     * @throws AgentException if the reference means nothing, nothing is ever kept of it, or the backend does not give it
     */
    RefreshedView refresh(String reference, Namespace defaults);
}

package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.ExplanationView;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.workload.Supposed;
import java.util.List;

/** Port: the policy's answer to a caller that is only imagined, with the deciding rule and what kept the others from matching. */
@FunctionalInterface
public interface PolicyExplainer {
    /**
     * @return one for each reference, in order
     * @throws AgentException for a reference that cannot be parsed
     */
    List<ExplanationView> explain(Question question);

    /**
     * @param defaults where names without one live
     */
    record Question(Supposed caller, Namespace defaults, List<String> references) {
        public Question {
            references = List.copyOf(references);
        }
    }
}

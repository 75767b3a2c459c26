package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.ExplanationView;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.secret.Namespace;
import java.util.List;
import java.util.Optional;

/** Port: the policy's answer to a caller that is only imagined, with the deciding rule and what kept the others from matching. */
@FunctionalInterface
public interface PolicyExplainer {
    /**
     * @return one for each reference, in order
     * @throws AgentException for a reference that cannot be parsed
     */
    List<ExplanationView> explain(Question question);

    /**
     * @param gid absent: the user's own
     * @param groups supplementary ones; absent: the user's own
     * @param exe the program it would run
     * @param defaults where names without one live
     */
    record Question(
            long uid,
            Optional<Long> gid,
            Optional<List<Long>> groups,
            Optional<String> exe,
            Namespace defaults,
            List<String> references) {
        public Question {
            groups = groups.map(List::copyOf);
            references = List.copyOf(references);
        }
    }
}

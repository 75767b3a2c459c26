package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Problem;
import java.util.List;

/** What loading gives: a whole configuration, or every reason why there is none. */
public sealed interface ConfigResult {
    /** There are no problems. */
    record Loaded(AgentConfig config) implements ConfigResult {}

    /** Nothing may start with this file. At least one problem, in the order of the file. */
    record Refused(List<Problem> problems) implements ConfigResult {
        public Refused {
            problems = List.copyOf(problems);
            if (problems.isEmpty()) {
                throw new IllegalStateException("a configuration refused for no reason");
            }
        }
    }

    /** Empty if it was loaded. */
    default List<Problem> problems() {
        return switch (this) {
            case Loaded _ -> List.of();
            case Refused refused -> refused.problems();
        };
    }
}

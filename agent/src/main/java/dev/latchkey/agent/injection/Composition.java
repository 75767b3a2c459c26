package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.injection.InjectionResult.Wanted;
import java.util.List;

/** What becomes of a composed request before anything is decided. */
sealed interface Composition {
    /**
     * These are what it leads to. No two have the same target, save what a spread may turn out to have.
     *
     * @param problems why nothing will be delivered; then the outputs lack what is wrong, and serve to find what else is
     */
    record Complete(List<Output> outputs, Failures problems) implements Composition {
        public Complete {
            outputs = List.copyOf(outputs);
        }

        boolean namesSecrets() {
            return outputs.stream().anyMatch(output -> !output.secrets().isEmpty());
        }
    }

    /** The client has to be asked. */
    record Incomplete(List<Wanted> variables, List<Wanted> files) implements Composition {}

    /** These are all the reasons why it leads to nothing. */
    record Refused(List<Failure> failures) implements Composition {}
}

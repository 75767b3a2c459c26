package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.injection.InjectionResult.Wanted;
import java.util.List;

/** What becomes of a composed request before anything is decided. */
sealed interface Composition {
    /** These are what it leads to. No two have the same target, save what a spread may turn out to have. */
    record Complete(List<Output> outputs) implements Composition {
        public Complete {
            outputs = List.copyOf(outputs);
        }
    }

    /** The client has to be asked. */
    record Incomplete(List<Wanted> variables, List<Wanted> files) implements Composition {}

    /** These are all the reasons why it leads to nothing. */
    record Refused(List<Failure> failures) implements Composition {}
}

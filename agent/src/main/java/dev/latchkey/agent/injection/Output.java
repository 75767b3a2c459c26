package dev.latchkey.agent.injection;

import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.manifest.Check;
import dev.latchkey.agent.secret.Namespace;
import java.util.List;
import java.util.Optional;

/**
 * A variable or a file that a composed request leads to.
 *
 * @param target of a spread, what it is called in messages, for its targets are not known yet
 * @param origin where it was said, for messages
 * @param binding its index among those of the request
 * @param replaces something weaker
 */
record Output(
        String target,
        Shape shape,
        Layer layer,
        List<Part> parts,
        Check check,
        String origin,
        Optional<Integer> binding,
        boolean replaces) {
    Output {
        parts = List.copyOf(parts);
    }

    enum Shape {
        VARIABLE,
        FILE,
        /** Every field of its only part is a variable. */
        SPREAD
    }

    /** Weakest first. */
    enum Layer {
        EVERYTHING,
        DEFAULTS,
        DOCUMENTS,
        COMMAND_LINE
    }

    /** What it is made of. */
    sealed interface Part {
        /** SECURITY: may come from a variable of the client. */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Fixed(byte[] bytes) implements Part {
            @Override
            public String toString() {
                return "[redacted]";
            }
        }

        /**
         * @param at where a document names it, for messages
         */
        record Secret(RequestedBinding binding, Namespace namespace, Optional<String> at) implements Part {}
    }

    Output replacing() {
        return new Output(target, shape, layer, parts, check, origin, binding, true);
    }

    boolean isFile() {
        return shape == Shape.FILE;
    }

    List<Part.Secret> secrets() {
        return parts.stream()
                .filter(Part.Secret.class::isInstance)
                .map(Part.Secret.class::cast)
                .toList();
    }

    /** Whether it is nothing but one secret, so that it has no value where that has none. */
    boolean isOneSecret() {
        return parts.size() == 1 && parts.getFirst() instanceof Part.Secret;
    }
}

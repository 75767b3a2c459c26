package dev.latchkey.agent.manifest;

import dev.latchkey.agent.reference.Template;
import dev.latchkey.agent.yaml.Position;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A document with bindings.
 *
 * @param entries in order
 * @param defaults of a pipeline: they count where no entry has the same key
 * @param variables texts with references in them
 * @param literals what {@code ${NAME}} means in this document before anything else. SECURITY: never shown
 */
public record Manifest(
        Optional<Located> project,
        Optional<Located> environment,
        List<Entry> entries,
        List<Entry> defaults,
        List<Variable> variables,
        Map<String, String> literals) {
    public Manifest {
        entries = List.copyOf(entries);
        defaults = List.copyOf(defaults);
        variables = List.copyOf(variables);
        // SECURITY: the JDK's immutable map takes quadratic time for names that were chosen to collide.
        literals = Collections.unmodifiableMap(new HashMap<>(literals));
    }

    /** A name and where it stands. */
    public record Located(String text, Position at) {}

    /**
     * One element of {@code secrets}.
     *
     * @param key the reference as it is written, by which entries of several documents are compared
     * @param reference the same with the entry's own options
     * @param target absent: under the key's own name
     * @param spread every field of the secret under its own name
     */
    public record Entry(
            Position at,
            String key,
            String reference,
            Optional<String> target,
            boolean file,
            boolean spread,
            Check check) {
        /** SECURITY: a reference may hold a default. */
        @Override
        public String toString() {
            return at.line() + ":" + at.column();
        }
    }

    /** One element of {@code env}; places in the text count from {@code textAt}. */
    public record Variable(Position at, String target, Text text) {}

    /**
     * A text of the document.
     *
     * @param begin where its first character stands
     * @param verbatim it is neither folded nor escaped, so that its characters stand one behind the other
     */
    public record Text(String source, Template template, Position begin, boolean verbatim) {}

    /** How many places name something, and how many variables name nothing. */
    public int parts() {
        int all = entries.size() + defaults.size();
        for (Variable variable : variables) {
            all += Math.max(1, Template.references(variable.text().source()));
        }
        return all;
    }

    boolean isEmpty() {
        return entries.isEmpty() && defaults.isEmpty() && variables.isEmpty();
    }

    @Override
    public String toString() {
        return "Manifest[" + entries.size() + " entries]";
    }
}

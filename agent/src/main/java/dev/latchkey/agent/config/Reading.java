package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Problems;
import java.util.Optional;

/** What reading one file needs besides its nodes. */
record Reading(Host host, Expansion expansion, Problems problems) {
    /** Reports a node of the wrong form; gives absent, for returning. */
    <T> Optional<T> wrongForm(Node node, String name, String wanted) {
        String where = name.isEmpty() ? "the file" : name;
        switch (node) {
            case Node.Empty empty -> problems.add(empty.at(), where + " has no value", "it must be " + wanted);
            case Node.Scalar _, Node.Sequence _, Node.Mapping _ ->
                problems.add(node.at(), where + " must be " + wanted + ", not " + node.words());
        }
        return Optional.empty();
    }
}

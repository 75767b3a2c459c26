package dev.latchkey.agent.yaml;

import java.util.List;
import java.util.Optional;

/** What a document holds, before anything is known about its meaning. Scalars are text; their meaning decides what they are. */
public sealed interface Node {
    Position at();

    /** As it is called in a message. */
    String words();

    /**
     * @param textAt where the text stands in the file letter by letter; absent if it was folded or escaped there
     */
    record Scalar(String text, Position at, Optional<Position> textAt) implements Node {
        @Override
        public String words() {
            return "a single value";
        }
    }

    /** A key without a value. */
    record Empty(Position at) implements Node {
        @Override
        public String words() {
            return "nothing";
        }
    }

    /** A list. */
    record Sequence(List<Node> items, Position at) implements Node {
        @Override
        public String words() {
            return "a list";
        }
    }

    /** Keys with values, in the order of the document; no key twice. */
    record Mapping(List<Entry> entries, Position at) implements Node {
        @Override
        public String words() {
            return "a mapping";
        }
    }

    /** A key with its value. */
    record Entry(String key, Position at, Node value) {}
}

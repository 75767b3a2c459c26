package dev.latchkey.agent.manifest;

import java.util.List;

/** A regular expression, taken apart. */
sealed interface PatternTree {
    /** Without an end. */
    int FOREVER = -1;

    /** Instructions of a program that has its repetitions written out, about as {@link PatternProgram} makes it; never fewer. */
    long size();

    /** One character. */
    record One(CharacterSet set) implements PatternTree {
        @Override
        public long size() {
            return 1;
        }
    }

    /** A place between characters. */
    record Place(Kind kind) implements PatternTree {
        enum Kind {
            BEGIN,
            END,
            /** The end, or before the line end that ends the text. */
            LAST_LINE_END,
            WORD_EDGE,
            NO_WORD_EDGE
        }

        @Override
        public long size() {
            return 1;
        }
    }

    /** One behind the other; none of them is the empty text. */
    record Sequence(List<PatternTree> parts) implements PatternTree {
        static final Sequence EMPTY = new Sequence(List.of());

        public Sequence {
            parts = List.copyOf(parts);
        }

        @Override
        public long size() {
            return parts.stream().mapToLong(PatternTree::size).reduce(0, PatternTree::sum);
        }
    }

    /** Any of them. */
    record Choice(List<PatternTree> branches) implements PatternTree {
        public Choice {
            branches = List.copyOf(branches);
        }

        @Override
        public long size() {
            return branches.stream().mapToLong(branch -> branch.size() + 2).reduce(0, PatternTree::sum);
        }
    }

    /**
     * The same so many times.
     *
     * @param most or {@link #FOREVER}
     */
    record Repeat(PatternTree part, int least, int most) implements PatternTree {
        /** SECURITY: counts also how often nothing is repeated. */
        @Override
        public long size() {
            long times = most == FOREVER ? least + 1L : most;
            return Math.min(Integer.MAX_VALUE, (part.size() + 1) * times + 1);
        }
    }

    /** So that no repetition of repetitions overflows. */
    private static long sum(long one, long other) {
        return Math.min(Integer.MAX_VALUE, one + other);
    }
}

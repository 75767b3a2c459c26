package dev.latchkey.agent.manifest;

import dev.latchkey.agent.manifest.PatternTree.Place.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * An expression as a machine that is in several states at once, so that each character of a text is looked at once (Thompson, 1968).
 *
 * <p>SECURITY: nothing in it calls itself and nothing goes back in the text. Its work is at most the product of both lengths, and it is counted.
 */
final class PatternProgram {
    private sealed interface Step {
        record One(CharacterSet set) implements Step {}

        record Place(Kind kind) implements Step {}

        /** Goes on in both places. */
        record Fork(int one, int other) implements Step {}

        record End() implements Step {}
    }

    private final List<Step> steps = new ArrayList<>();

    PatternProgram(PatternTree tree) {
        add(tree);
        steps.add(new Step.End());
    }

    private void add(PatternTree tree) {
        switch (tree) {
            case PatternTree.One(CharacterSet set) -> steps.add(new Step.One(set));
            case PatternTree.Place(Kind kind) -> steps.add(new Step.Place(kind));
            case PatternTree.Sequence(List<PatternTree> parts) -> parts.forEach(this::add);
            case PatternTree.Choice(List<PatternTree> branches) -> addChoice(branches);
            case PatternTree.Repeat repeat -> addRepeat(repeat);
        }
    }

    private void addChoice(List<PatternTree> branches) {
        List<Integer> ends = new ArrayList<>();
        for (PatternTree branch : branches.subList(0, branches.size() - 1)) {
            int fork = reserve();
            add(branch);
            ends.add(reserve());
            set(fork, fork + 1, steps.size());
        }
        add(branches.getLast());
        ends.forEach(end -> set(end, steps.size(), steps.size()));
    }

    private void addRepeat(PatternTree.Repeat repeat) {
        for (int i = 0; i < repeat.least(); i++) {
            add(repeat.part());
        }
        if (repeat.most() == PatternTree.FOREVER) {
            int fork = reserve();
            add(repeat.part());
            int back = reserve();
            set(back, fork, fork);
            set(fork, fork + 1, steps.size());
            return;
        }
        List<Integer> forks = new ArrayList<>();
        for (int i = repeat.least(); i < repeat.most(); i++) {
            forks.add(reserve());
            add(repeat.part());
        }
        forks.forEach(fork -> set(fork, fork + 1, steps.size()));
    }

    /** A place for a fork whose ends are not known yet. */
    private int reserve() {
        steps.add(new Step.End());
        return steps.size() - 1;
    }

    private void set(int place, int one, int other) {
        steps.set(place, new Step.Fork(one, other));
    }

    /**
     * Whether all of the text matches.
     *
     * @throws PatternBudget.Spent if that takes more than is left
     */
    boolean matches(CharSequence text, PatternBudget budget) {
        budget.take(steps.size());
        States now = new States(text, budget);
        States then = new States(text, budget);
        now.enter(0, 0);
        for (int at = 0; at < text.length() && now.count > 0; ) {
            int character = Character.codePointAt(text, at);
            at += Character.charCount(character);
            then.clear();
            for (int i = 0; i < now.count; i++) {
                int state = now.waiting[i];
                if (steps.get(state) instanceof Step.One(CharacterSet set)
                        && budget.lets(set).has(character)) {
                    then.enter(state + 1, at);
                }
            }
            States before = now;
            now = then;
            then = before;
        }
        return now.ended;
    }

    /** The states that it is in at one place of the text. */
    private final class States {
        private final CharSequence text;
        private final PatternBudget budget;
        private final boolean[] entered = new boolean[steps.size()];
        private final int[] visited = new int[steps.size()];
        private final int[] waiting = new int[steps.size()];
        private final int[] open = new int[2 * steps.size() + 1];
        private int all;
        private int count;
        private boolean ended;

        States(CharSequence text, PatternBudget budget) {
            this.text = text;
            this.budget = budget;
        }

        /** Takes no longer than entering did. */
        void clear() {
            for (int i = 0; i < all; i++) {
                entered[visited[i]] = false;
            }
            all = 0;
            count = 0;
            ended = false;
        }

        /** Enters that state and all that it leads to without a character; each once. */
        void enter(int first, int at) {
            int left = 0;
            open[left++] = first;
            while (left > 0) {
                int state = open[--left];
                budget.take(1);
                if (entered[state]) {
                    continue;
                }
                entered[state] = true;
                visited[all++] = state;
                switch (steps.get(state)) {
                    case Step.One _ -> waiting[count++] = state;
                    case Step.End _ -> ended |= at == text.length();
                    case Step.Fork(int one, int other) -> {
                        open[left++] = one;
                        open[left++] = other;
                    }
                    case Step.Place(Kind kind) -> {
                        if (holds(kind, text, at)) {
                            open[left++] = state + 1;
                        }
                    }
                }
            }
        }
    }

    private static boolean holds(Kind kind, CharSequence text, int at) {
        return switch (kind) {
            case BEGIN -> at == 0;
            case END -> at == text.length();
            case LAST_LINE_END -> isLastLineEnd(text, at);
            case WORD_EDGE -> isWordEdge(text, at);
            case NO_WORD_EDGE -> !isWordEdge(text, at);
        };
    }

    private static boolean isLastLineEnd(CharSequence text, int at) {
        int left = text.length() - at;
        boolean both = left == 2 && text.charAt(at) == '\r' && text.charAt(at + 1) == '\n';
        boolean within = left == 1 && at > 0 && text.charAt(at - 1) == '\r' && text.charAt(at) == '\n';
        return left == 0 || both || (left == 1 && CharacterSet.isLineEnd(text.charAt(at)) && !within);
    }

    private static boolean isWordEdge(CharSequence text, int at) {
        boolean before = at > 0 && CharacterSet.isWord(text.charAt(at - 1));
        boolean behind = at < text.length() && CharacterSet.isWord(text.charAt(at));
        return before != behind;
    }
}

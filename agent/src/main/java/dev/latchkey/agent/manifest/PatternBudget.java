package dev.latchkey.agent.manifest;

/** How many steps the patterns of one request may still take. SECURITY: of all of them together, for a request has many. */
public final class PatternBudget {
    /** Some tenths of a second. */
    private static final int MOST = 20_000_000;

    private int left;

    public PatternBudget() {
        this(MOST);
    }

    PatternBudget(int left) {
        this.left = left;
    }

    void take(int steps) {
        left -= steps;
        if (left < 0) {
            left = 0;
            throw new Spent();
        }
    }

    /** The set, whose questions are paid for. */
    CharacterSet lets(CharacterSet set) {
        take(set.cost());
        return set;
    }

    /** There is none left. */
    static final class Spent extends RuntimeException {
        Spent() {
            super("the patterns of a request take too many steps", null, false, false);
        }
    }
}

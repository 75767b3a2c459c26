package dev.latchkey.agent.yaml;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Collects problems, so that all are told at once; so many at most that a hostile file cannot fill the memory. */
public final class Problems {
    public static final int MAX = 100;

    private static final int SHOWN = 80;

    private final List<Problem> found = new ArrayList<>();
    private int omitted;

    public void add(Position at, String message, String hint) {
        add(new Problem(at.line(), at.column(), message, Optional.of(hint)));
    }

    public void add(Position at, String message) {
        add(new Problem(at.line(), at.column(), message, Optional.empty()));
    }

    /** For a hint that costs something to find. */
    public void add(Position at, String message, Supplier<Optional<String>> hint) {
        add(new Problem(at.line(), at.column(), message, !full() ? hint.get() : Optional.empty()));
    }

    public void addToWhole(String message, String hint) {
        add(new Problem(0, 0, message, Optional.of(hint)));
    }

    public void add(Problem problem) {
        if (!full()) {
            found.add(problem);
        } else {
            omitted++;
        }
    }

    public boolean full() {
        return found.size() >= MAX;
    }

    public int count() {
        return found.size() + omitted;
    }

    /** In the order of the file. */
    public List<Problem> all() {
        List<Problem> all = new ArrayList<>(found);
        all.sort(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column));
        if (omitted > 0) {
            all.add(new Problem(0, 0, "further problems are not shown", Optional.empty()));
        }
        return all;
    }

    /** Text of the file as it may stand in a message: quoted, cut, without control characters. */
    public static String quote(String text) {
        return "'" + plain(text) + "'";
    }

    /** As {@link #quote}, without the quotes. */
    public static String plain(String text) {
        return cut(text, SHOWN);
    }

    /** So many characters of a text at most, without control characters. */
    public static String cut(String text, int characters) {
        int end = text.offsetByCodePoints(0, Math.min(characters, text.codePointCount(0, text.length())));
        return printable(end == text.length() ? text : text.substring(0, end) + "…");
    }

    /** Text that cannot be long, without control characters: SECURITY: they could forge a line, or steer a terminal. */
    public static String printable(String text) {
        return text.replaceAll("\\p{Cc}", "?");
    }
}

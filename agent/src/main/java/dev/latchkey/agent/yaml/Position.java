package dev.latchkey.agent.yaml;

/** A place in a document, both from 1; a column counts characters, not bytes. */
public record Position(int line, int column) {
    public static final Position START = new Position(1, 1);

    /** What {@code equals} says: that of a record makes classes when it is first asked, which the start of the agent would wait for. */
    boolean isAt(Position other) {
        return line == other.line && column == other.column;
    }

    public Position plus(int columns) {
        return new Position(line, column + columns);
    }
}

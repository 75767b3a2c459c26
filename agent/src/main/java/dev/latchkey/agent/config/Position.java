package dev.latchkey.agent.config;

/** A place in a document, both from 1; a column counts characters, not bytes. */
record Position(int line, int column) {
    static final Position START = new Position(1, 1);

    Position plus(int columns) {
        return new Position(line, column + columns);
    }
}

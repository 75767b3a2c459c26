package dev.latchkey.agent.yaml;

import java.util.Optional;

/**
 * One thing that is wrong with a configuration.
 *
 * @param line from 1; 0: the file as a whole
 * @param column from 1, in characters; 0: the file as a whole
 * @param message what is wrong with which named thing
 * @param hint what to do, such as the name that was probably meant
 */
public record Problem(int line, int column, String message, Optional<String> hint) {
    /** {@code FILE:LINE:COLUMN: MESSAGE}, as editors and compilers write it; without the hint. */
    public String text(String file) {
        return line == 0 ? file + ": " + message : file + ":" + line + ":" + column + ": " + message;
    }
}

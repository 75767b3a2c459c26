package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** A program that ended: what it printed and returned. A death by signal N is 128 + N. */
@SuppressWarnings("ArrayRecordComponent") // results are shown and searched, never compared
record Finished(List<String> words, int status, byte[] out, byte[] err, Duration took) {

    String output() {
        return new String(out, StandardCharsets.UTF_8);
    }

    String errors() {
        return new String(err, StandardCharsets.UTF_8);
    }

    List<String> lines() {
        return output().lines().toList();
    }

    /** Asserts the exit status, showing on failure what the program said. */
    Finished exits(int expected) {
        assertEquals(expected, status, this::toString);
        return this;
    }

    Finished succeeds() {
        return exits(0);
    }

    Finished prints(String expected) {
        assertEquals(expected, output(), this::toString);
        return this;
    }

    /** Asserts that stderr contains each of the texts. */
    Finished says(String... expected) {
        for (String text : expected) {
            assertTrue(errors().contains(text), () -> "missing \"" + text + "\" in " + this);
        }
        return this;
    }

    Finished saysNot(String unexpected) {
        assertFalse(errors().contains(unexpected), () -> "found \"" + unexpected + "\" in " + this);
        return this;
    }

    /** Asserts a refusal of the launcher: its status, only prefixed lines, and a hint. */
    Finished refuses(int expected, String... texts) {
        exits(expected).prints("").says(texts);
        assertFalse(err.length == 0, this::toString);
        errors().lines().forEach(line -> assertTrue(line.startsWith("launcher: "), () -> "unprefixed: " + line));
        return this;
    }

    Finished hints() {
        return says("hint: ");
    }

    Finished tookUnder(Duration limit) {
        assertTrue(took.compareTo(limit) < 0, () -> "took " + took + ": " + this);
        return this;
    }

    @Override
    public String toString() {
        return words + " exited " + status + "\nstdout: " + shortened(output()) + "\nstderr: " + shortened(errors());
    }

    private static String shortened(String text) {
        return text.length() <= 4000 ? text : text.substring(0, 4000) + "…";
    }
}

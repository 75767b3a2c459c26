package dev.latchkey.integration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** The values planted during a test, everything the programs printed, and the search of one in the other. */
final class Canaries {
    private final Queue<Canary> planted = new ConcurrentLinkedQueue<>();
    private final Queue<Printed> printed = new ConcurrentLinkedQueue<>();

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Printed(String where, byte[] bytes) {}

    Canary plant(Canary canary) {
        planted.add(canary);
        return canary;
    }

    void printed(String where, byte[] bytes) {
        printed.add(new Printed(where, bytes));
    }

    /** Fails naming the place and the form, never the value. */
    void assertAbsent(Path... folders) {
        List<String> found = new ArrayList<>();
        printed.forEach(text -> search(text.where, text.bytes, found));
        for (Path folder : folders) {
            files(folder).forEach(file -> search(file.toString(), read(file), found));
        }
        if (!found.isEmpty()) {
            throw new AssertionError("values of secrets leaked:\n" + String.join("\n", found));
        }
    }

    private void search(String where, byte[] bytes, List<String> found) {
        for (Canary canary : planted) {
            for (Map.Entry<String, byte[]> form : canary.forms().entrySet()) {
                // A value shorter than this could be anywhere by chance: such values are not canaries.
                if (form.getValue().length >= 24 && contains(bytes, form.getValue())) {
                    found.add(where + " has a value as " + form.getKey());
                }
            }
        }
    }

    static boolean contains(byte[] bytes, byte[] wanted) {
        int last = bytes.length - wanted.length;
        for (int i = 0; i <= last; i++) {
            if (bytes[i] == wanted[0] && matches(bytes, i, wanted)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(byte[] bytes, int at, byte[] wanted) {
        for (int i = 1; i < wanted.length; i++) {
            if (bytes[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    private static List<Path> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

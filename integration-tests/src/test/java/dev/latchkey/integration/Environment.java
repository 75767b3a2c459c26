package dev.latchkey.integration;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The environment of a command as the kernel holds it: strings of bytes, in order. */
final class Environment {
    private final List<byte[]> entries;

    private Environment(List<byte[]> entries) {
        this.entries = entries;
    }

    /** Parses what {@code /proc/self/environ} holds. */
    static Environment parse(byte[] block) {
        List<byte[]> entries = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < block.length; i++) {
            if (block[i] == 0) {
                entries.add(Arrays.copyOfRange(block, start, i));
                start = i + 1;
            }
        }
        return new Environment(entries);
    }

    byte @Nullable [] value(String name) {
        byte[] prefix = (name + "=").getBytes(StandardCharsets.UTF_8);
        for (byte[] entry : entries) {
            if (entry.length >= prefix.length && Arrays.equals(prefix, Arrays.copyOf(entry, prefix.length))) {
                return Arrays.copyOfRange(entry, prefix.length, entry.length);
            }
        }
        return null;
    }

    @Nullable
    String text(String name) {
        byte[] value = value(name);
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }

    /** The names in order, each as often as it stands there. */
    List<String> names() {
        return entries.stream()
                .map(entry -> new String(entry, StandardCharsets.ISO_8859_1))
                .map(entry -> entry.contains("=") ? entry.substring(0, entry.indexOf('=')) : entry)
                .toList();
    }
}

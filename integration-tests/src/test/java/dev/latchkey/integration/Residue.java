package dev.latchkey.integration;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;

/**
 * Thousands of distinct values that all begin alike, and the search for full copies of them: in a file, such as a core, or in the memory of a
 * process. Because they begin alike, each place is looked at once whatever their number.
 */
final class Residue {
    /** A multiple of three, so that the values begin alike in base64 too. */
    private static final int MARK = 18;

    private static final int LENGTH = 48;
    private static final int CHUNK = 1 << 20;
    private static final int OVERLAP = 256;

    private final String mark = letters(MARK);
    private final Map<String, Form> forms = new LinkedHashMap<>();
    private final boolean[] firstTwo = new boolean[1 << 16];

    Residue() {
        add("raw", text -> text);
        add("UTF-16", text -> new String(text.getBytes(StandardCharsets.UTF_16LE), StandardCharsets.ISO_8859_1));
        add("hex", Residue::hex);
        add("upper-case hex", text -> hex(text).toUpperCase(Locale.ROOT));
        for (int shift = 0; shift < 3; shift++) {
            int from = shift;
            add("base64 at " + shift, text -> base64(text.substring(from, text.length() - (text.length() - from) % 3)));
        }
    }

    /** One way in which a value may lie in memory: how all begin, and all of them whole. */
    private static final class Form {
        private final UnaryOperator<String> encode;
        private final byte[] begin;
        private final Set<String> whole = new HashSet<>();
        private int length;

        Form(UnaryOperator<String> encode, String mark) {
            this.encode = encode;
            this.begin = latin(encode.apply(mark));
        }

        void plant(String text) {
            String encoded = encode.apply(text);
            length = encoded.length();
            whole.add(encoded);
        }
    }

    /** What was found: full copies by form and place, and how many beginnings without the rest. */
    record Found(Map<String, Integer> copies, int beginnings, long searched, long unreadable) {
        int total() {
            return copies.values().stream().mapToInt(Integer::intValue).sum();
        }

        @Override
        public String toString() {
            return total() + " full copies " + copies + ", " + beginnings + " beginnings, in " + (searched >> 20)
                    + " MiB" + (unreadable == 0 ? "" : ", " + (unreadable >> 10) + " KiB unreadable");
        }
    }

    private void add(String name, UnaryOperator<String> encode) {
        Form form = new Form(encode, mark);
        forms.put(name, form);
        firstTwo[pair(form.begin, 0)] = true;
    }

    /** A new value, of letters and digits. */
    Canary plant() {
        String text = mark + letters(LENGTH - MARK);
        forms.values().forEach(form -> form.plant(text));
        return Canary.of(text);
    }

    /** Everything that root reads of the process through {@code /proc}, while it runs on. */
    Found inMemoryOf(long pid) {
        Search search = new Search();
        try (RandomAccessFile memory = new RandomAccessFile("/proc/" + pid + "/mem", "r")) {
            for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/maps"))) {
                search.mapping(memory, line.split("\\s+", 6));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return search.found();
    }

    Found inFile(Path file) {
        Search search = new Search();
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            search.range(bytes, 0, bytes.length(), file.getFileName().toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return search.found();
    }

    private final class Search {
        private final Map<String, Integer> copies = new HashMap<>();
        private final byte[] chunk = new byte[CHUNK + OVERLAP];
        private int beginnings;
        private long searched;
        private long unreadable;

        Found found() {
            return new Found(Map.copyOf(copies), beginnings, searched, unreadable);
        }

        /** A line of {@code maps}. What nobody may read, or not even root can, is counted and passed over. */
        void mapping(RandomAccessFile memory, String[] columns) {
            String[] range = columns[0].split("-", -1);
            // The kernel's own pages above half of the addresses have no place in a Java long.
            if (!columns[1].startsWith("r") || range[0].length() > 15) {
                return;
            }
            long from = Long.parseLong(range[0], 16);
            long to = Long.parseLong(range[1], 16);
            String name = columns.length > 5 && !columns[5].isEmpty() ? columns[5] : "the mapping at " + range[0];
            try {
                range(memory, from, to, name);
            } catch (IOException notEvenRoot) {
                unreadable += to - from;
            }
        }

        void range(RandomAccessFile bytes, long from, long to, String place) throws IOException {
            for (long at = from; at < to; at += CHUNK) {
                bytes.seek(at);
                int wanted = (int) Math.min(chunk.length, to - at);
                bytes.readFully(chunk, 0, wanted);
                look(wanted, Math.min(CHUNK, wanted), place);
                searched += Math.min(CHUNK, wanted);
            }
        }

        private void look(int filled, int own, String place) {
            for (int at = 0; at < Math.min(own, filled - 1); at++) {
                if (firstTwo[pair(chunk, at)]) {
                    match(at, filled, place);
                }
            }
        }

        private void match(int at, int filled, String place) {
            forms.forEach((name, form) -> {
                int end = at + form.begin.length;
                if (end <= filled && java.util.Arrays.equals(chunk, at, end, form.begin, 0, form.begin.length)) {
                    int whole = Math.min(form.length, filled - at);
                    if (form.whole.contains(new String(chunk, at, whole, StandardCharsets.ISO_8859_1))) {
                        copies.merge(name + " in " + place, 1, Integer::sum);
                    } else {
                        beginnings++;
                    }
                }
            });
        }
    }

    private static int pair(byte[] bytes, int at) {
        return ((bytes[at] & 0xFF) << 8) | (bytes[at + 1] & 0xFF);
    }

    private static String letters(int count) {
        StringBuilder text = new StringBuilder();
        ThreadLocalRandom.current().ints(count, 'a', 'z' + 1).forEach(c -> text.append((char) c));
        return text.toString();
    }

    static String hex(String text) {
        return HexFormat.of().formatHex(latin(text));
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(latin(text));
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}

package dev.latchkey.protocol;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** One file of {@code protocol/vectors/frames}. Whatever it does not understand is an error. */
record Vector(
        String name,
        Side decoder,
        FrameType message,
        List<String> requested,
        Optional<FailureClass> refusal,
        List<String> decoded,
        ByteBuffer bytes) {

    static List<Vector> all() {
        Path folder = Path.of(System.getProperty("latchkey.root"), "protocol", "vectors", "frames");
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().map(Vector::read).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Vector read(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            int blank = lines.indexOf("");
            Vector vector = head(lines.subList(0, blank), hex(lines.subList(blank + 1, lines.size())));
            if (!file.getFileName().toString().equals(vector.name + ".vector")) {
                throw new IllegalStateException(file + " calls itself " + vector.name);
            }
            return vector;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Vector head(List<String> lines, ByteBuffer bytes) {
        Head head = new Head();
        lines.forEach(head::line);
        boolean refused = head.outcome.equals("refuse");
        if (refused != head.failure.isPresent() || (!refused && !head.outcome.equals("accept"))) {
            throw new IllegalStateException(head.name + " has no outcome that fits");
        }
        return new Vector(
                head.name,
                head.side(),
                FrameType.valueOf(head.message),
                head.requested,
                head.failure,
                head.decoded,
                bytes);
    }

    @Override
    public String toString() {
        return name;
    }

    private static final class Head {
        private String name = "";
        private String direction = "";
        private String message = "";
        private String outcome = "";
        private Optional<FailureClass> failure = Optional.empty();
        private final List<String> requested = new ArrayList<>();
        private final List<String> decoded = new ArrayList<>();

        void line(String line) {
            int colon = line.indexOf(": ");
            String value = line.substring(colon + 2);
            switch (line.substring(0, colon)) {
                case "name" -> name = value;
                case "comment" -> {}
                case "direction" -> direction = value;
                case "message" -> message = value;
                case "requested" -> requested.add(value);
                case "outcome" -> outcome = value;
                case "class" ->
                    failure = Optional.of(
                            FailureClass.valueOf(value.toUpperCase(Locale.ROOT).replace('-', '_')));
                case "decoded" -> decoded.add(value);
                default -> throw new IllegalStateException("not understood: " + line);
            }
        }

        Side side() {
            return switch (direction) {
                case "to-agent" -> Side.AGENT;
                case "to-client" -> Side.CLIENT;
                default -> throw new IllegalStateException("not a direction: " + direction);
            };
        }
    }

    private static ByteBuffer hex(List<String> lines) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String line : lines) {
            int comment = line.indexOf('#');
            String bytes = comment < 0 ? line : line.substring(0, comment);
            for (String token : bytes.trim().split(" +", -1)) {
                token(token, out);
            }
        }
        return ByteBuffer.wrap(out.toByteArray()).asReadOnlyBuffer();
    }

    private static void token(String token, ByteArrayOutputStream out) {
        if (token.isEmpty()) {
            return;
        }
        int star = token.indexOf('*');
        int times = star < 0 ? 1 : Integer.parseInt(token.substring(star + 1));
        int value = Integer.parseInt(star < 0 ? token : token.substring(0, star), 16);
        for (int i = 0; i < times; i++) {
            out.write(value);
        }
    }
}

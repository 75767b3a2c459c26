package dev.latchkey.agent.cli;

import dev.latchkey.agent.secret.SecretValue;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a value comes from: exactly one of a file, a generator, standard input. */
final class ValueSource {
    private static final int SHORTEST = 16;
    private static final int LONGEST = 4096;

    @Option(
            names = "--from-file",
            paramLabel = "F",
            description = "the value is the content of the file F, byte for byte")
    Optional<Path> file = Optional.empty();

    @Option(
            names = "--generate",
            paramLabel = "LEN",
            description = "the value is LEN random characters of A-Za-z0-9, 16 to 4096 of them; it is not printed")
    Optional<Integer> length = Optional.empty();

    @Option(names = "--exact", description = "keep a final newline of standard input")
    boolean exact;

    @Option(names = "--allow-empty", description = "an empty value is meant")
    boolean allowEmpty;

    @Option(names = "--command", paramLabel = "PROGRAM", hidden = true, description = "not available yet")
    Optional<String> command = Optional.empty();

    /** Checks the options against each other, before anything is read. */
    void check() {
        if (command.isPresent()) {
            throw CommandFailure.usage("--command is not available yet", "give the new value on standard input");
        }
        if (file.isPresent() && length.isPresent()) {
            throw CommandFailure.usage(
                    "--from-file and --generate are two sources for one value", "give one of them, or standard input");
        }
        if (length.isPresent() && (length.get() < SHORTEST || length.get() > LONGEST)) {
            throw CommandFailure.usage(
                    "--generate makes " + SHORTEST + " to " + LONGEST + " characters", "give a length in that range");
        }
    }

    /** Takes the value; whoever gets it closes it. */
    SecretValue take(Session session) {
        SecretValue value = length.isPresent()
                ? Octets.generate(length.get(), new SecureRandom())
                : file.map(path -> ofFile(session.resolve(path))).orElseGet(() -> ofInput(session));
        if (value.size() == 0 && !allowEmpty) {
            throw CommandFailure.failed(
                    "bad-value",
                    "the value is empty, so nothing was stored",
                    "if an empty value is meant, say --allow-empty");
        }
        return value;
    }

    private static SecretValue ofFile(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return Octets.read(in, false).value();
        } catch (IOException e) {
            throw CommandFailure.failed(
                    "bad-value",
                    "cannot read the file " + path + ": " + Reasons.of(e),
                    "give a file that you can read");
        }
    }

    private SecretValue ofInput(Session session) {
        if (session.terminal().asksPeople()) {
            return ofPerson(session);
        }
        try {
            Octets.Taken taken = Octets.read(session.in(), !exact);
            if (taken.newlineDropped()) {
                session.note("dropped one final newline; --exact keeps it");
            }
            return taken.value();
        } catch (IOException e) {
            throw CommandFailure.failed("bad-value", "cannot read standard input: " + Reasons.of(e));
        }
    }

    private static SecretValue ofPerson(Session session) {
        char[] first = ask(session, "Value: ");
        try {
            char[] second = ask(session, "Again: ");
            boolean same = Arrays.equals(first, second);
            Arrays.fill(second, '\0');
            if (!same) {
                throw CommandFailure.failed("bad-value", "the two entries differ, so nothing was stored", "try again");
            }
            return encode(first);
        } finally {
            Arrays.fill(first, '\0');
        }
    }

    private static char[] ask(Session session, String prompt) {
        char[] typed = session.terminal().readWithoutEcho(prompt);
        if (typed == null) {
            throw CommandFailure.failed(
                    "bad-value",
                    "no value can be asked for at this terminal without showing it",
                    "pipe the value in, or give --from-file");
        }
        return typed;
    }

    private static SecretValue encode(char[] text) {
        byte[] scratch = new byte[text.length * 3];
        try {
            ByteBuffer encoded = ByteBuffer.wrap(scratch);
            StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text), encoded, true);
            return SecretValue.owning(Arrays.copyOf(scratch, encoded.position()));
        } finally {
            Arrays.fill(scratch, (byte) 0);
        }
    }
}

package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.RecordJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/** One run of one command: what it has around it, and how it speaks. */
final class Session {
    private static final int PIECE = 8192;

    private final Surroundings surroundings;
    private final Collaborators collaborators;

    Session(Surroundings surroundings, Collaborators collaborators) {
        this.surroundings = surroundings;
        this.collaborators = collaborators;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Collaborators collaborators() {
        return collaborators;
    }

    Terminal terminal() {
        return surroundings.terminal();
    }

    InputStream in() {
        return surroundings.in();
    }

    Path resolve(Path path) {
        return surroundings.folder().resolve(path);
    }

    AdminClient client(Connection connection) {
        Path socket = collaborators.adminSocket().find(connection.socket.map(this::resolve));
        return new AdminClient(socket, ServerTrust.ofProcess());
    }

    /** Says something beside the result. */
    void note(String text) {
        surroundings.err().println("agent: " + text);
    }

    void hint(String text) {
        surroundings.err().println("hint: " + text);
    }

    /** Each problem of a file, with its hint below it. */
    void problems(Collaborators.ConfigTool.Checked file) {
        file.problems().forEach(problem -> {
            note(problem.text(file.file()));
            problem.hint().ifPresent(this::hint);
        });
    }

    void print(String text) {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    void println(String line) {
        print(line + "\n");
    }

    /** Asks for one record and prints it. */
    <T extends Record> T show(
            AdminClient client, Target target, Format format, Class<T> type, Function<T, String> table) {
        return client.get(target, one(format, type, table));
    }

    /** Asks for a list of records and prints it. */
    <T extends Record> List<T> list(
            AdminClient client, Target target, Format format, Class<T> type, Function<List<T>, Table> table) {
        boolean json = format.json();
        return client.get(target, body -> {
            List<T> found = readList(body, type);
            if (json) {
                printJson(found);
            } else {
                print(table.apply(found).toString());
            }
            return found;
        });
    }

    /** Prints the one record of an answer. */
    <T extends Record> Function<InputStream, T> one(Format format, Class<T> type, Function<T, String> text) {
        boolean json = format.json();
        return body -> {
            T found = read(body, type);
            if (json) {
                printJson(found);
            } else {
                print(text.apply(found));
            }
            return found;
        };
    }

    /** Copies an answer to standard output, and leaves nothing of it behind. */
    void pass(InputStream body) {
        byte[] piece = new byte[PIECE];
        try {
            for (int read = body.read(piece); read >= 0; read = body.read(piece)) {
                surroundings.out().write(piece, 0, read);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            java.util.Arrays.fill(piece, (byte) 0);
        }
        requireWritten();
    }

    void printJson(Object value) {
        java.io.ByteArrayOutputStream json = new java.io.ByteArrayOutputStream();
        RecordJson.write(value, json);
        json.write('\n');
        write(json.toByteArray());
    }

    private void write(byte[] bytes) {
        surroundings.out().write(bytes, 0, bytes.length);
        requireWritten();
    }

    /** A result that nobody got is a failure. */
    private void requireWritten() {
        if (surroundings.out().checkError()) {
            throw CommandFailure.failed("output-failed", "cannot write to standard output");
        }
    }

    static <T extends Record> T read(InputStream body, Class<T> type) {
        try {
            return RecordJson.read(body, type);
        } catch (RecordJson.Unreadable e) {
            throw unreadable(e);
        }
    }

    static <T extends Record> List<T> readList(InputStream body, Class<T> type) {
        try {
            return RecordJson.readList(body, type);
        } catch (RecordJson.Unreadable e) {
            throw unreadable(e);
        }
    }

    /** Hands over the records of a list one by one. */
    static <T extends Record> void readEach(InputStream body, Class<T> type, Consumer<T> to) {
        try {
            RecordJson.readEach(body, type, to);
        } catch (RecordJson.Unreadable e) {
            throw unreadable(e);
        }
    }

    private static CommandFailure unreadable(RecordJson.Unreadable e) {
        return CommandFailure.failed(
                "unreadable",
                "the agent's answer cannot be read: " + e.getMessage(),
                "agent and command must be of one version");
    }
}

package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.ImportedView;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.imports.Entries;
import dev.latchkey.agent.imports.ImportEntry;
import dev.latchkey.agent.imports.ImportFormat;
import dev.latchkey.agent.imports.JsonShapes;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretValue;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The secrets of a file. They are sent one value at a time. */
final class FileImport implements ImportSource {
    private static final String STDIN = "-";
    private static final String JSON_ENDING = ".json";
    private static final Pattern LIKE_A_PREFIX = Pattern.compile("[a-z][a-z0-9-]*:.*[^/]");

    private final Entries entries;
    private final AdminClient client;
    private final Import.Wanted wanted;

    private FileImport(Entries entries, AdminClient client, Import.Wanted wanted) {
        this.entries = entries;
        this.client = client;
        this.wanted = wanted;
    }

    /**
     * What the command line asks of it.
     *
     * @param file a path or {@code -}
     */
    record Asked(String file, Optional<String> format, boolean fields, Place place) {
        boolean stdin() {
            return file.equals(STDIN);
        }

        String name() {
            return stdin() ? "" : Path.of(file).getFileName().toString();
        }

        /** What a single secret that does not say its name is called. */
        Optional<String> secret() {
            return Optional.of(name())
                    .filter(name -> name.endsWith(JSON_ENDING))
                    .map(name -> name.substring(0, name.length() - JSON_ENDING.length()));
        }
    }

    /** Reads it whole; its octets are wiped when this returns. */
    static FileImport read(Session session, Asked asked, AdminClient client, Import.Wanted wanted) {
        Optional<ImportFormat> known =
                asked.format().flatMap(ImportFormat::of).or(() -> ImportFormat.ofFile(asked.name()));
        ImportFormat format = known.orElseThrow(() -> formless(session, asked));
        byte[] octets = octets(session, asked);
        try {
            if (asked.format().isEmpty() && format == ImportFormat.JSON) {
                requirePlain(octets);
            }
            Collaborators.ImportReader.Input input = new Collaborators.ImportReader.Input(
                    format,
                    asked.stdin() ? "standard input" : asked.file(),
                    asked.secret(),
                    asked.place().environment,
                    asked.fields(),
                    octets);
            return new FileImport(session.collaborators().importer().read(input), client, wanted);
        } catch (AgentException e) {
            throw e.kind() == FailureKind.BAD_ARGUMENT
                    ? CommandFailure.usage(
                            e.failure().message(), e.failure().hint().orElse("see 'agent secret import --help'"))
                    : e;
        } finally {
            Arrays.fill(octets, (byte) 0);
        }
    }

    /** What some other tool printed would make secrets of its facts. */
    private static void requirePlain(byte[] octets) {
        JsonShapes.guess(octets).ifPresent(other -> {
            throw CommandFailure.usage(
                    "the file looks like " + other.text() + " rather than an object of names and values",
                    "say --format " + other.text() + ", or --format json if it is meant");
        });
    }

    private static CommandFailure formless(Session session, Asked asked) {
        String what = asked.stdin() ? "standard input" : "the file's name";
        boolean prefix =
                LIKE_A_PREFIX.matcher(asked.file()).matches() && !Files.exists(session.resolve(Path.of(asked.file())));
        return prefix
                ? CommandFailure.usage(
                        asked.file() + " is neither a file nor a provider's prefix",
                        "a prefix is " + folder(asked.file())
                                + ", with all that is below it; for one secret alone there is no import")
                : CommandFailure.usage(
                        what + " does not tell its format", "say --format " + String.join("|", ImportFormat.texts()));
    }

    /** The prefix that has it, in which it can be found. */
    private static String folder(String secret) {
        return secret.substring(0, Math.max(secret.lastIndexOf('/'), secret.indexOf(':')) + 1);
    }

    private static byte[] octets(Session session, Asked asked) {
        tellOfWaiting(session, asked);
        try (InputStream in =
                asked.stdin() ? session.in() : Files.newInputStream(session.resolve(Path.of(asked.file())))) {
            return Octets.readFile(in);
        } catch (IOException e) {
            throw CommandFailure.failed(
                    "unreadable",
                    "cannot read " + (asked.stdin() ? "standard input" : "the file " + asked.file()) + ": "
                            + Reasons.of(e),
                    "give a file that you can read");
        }
    }

    /** A person who started it would take it for stuck. */
    private static void tellOfWaiting(Session session, Asked asked) {
        boolean pipe = !asked.stdin() && isPipe(session.resolve(Path.of(asked.file())));
        if (pipe && session.terminal().showsProgress()) {
            session.note("waiting for whoever writes into the pipe " + asked.file());
        }
        if (asked.stdin() && session.terminal().asksPeople()) {
            session.note("reading what you type; Ctrl-D at the beginning of a line ends it");
        }
    }

    private static boolean isPipe(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class).isOther();
        } catch (IOException e) {
            // What is wrong with it is told when it is opened.
            return false;
        }
    }

    @Override
    public List<Offered> offered() {
        return entries.all().stream().map(FileImport::offered).toList();
    }

    private static Offered offered(ImportEntry entry) {
        return switch (entry) {
            case ImportEntry.Found(String name, SecretValue _) -> new Offered.Secret(name, name);
            case ImportEntry.Refused(String name, String reason) -> new Offered.Unusable(name, reason);
        };
    }

    @Override
    public String whereToLook() {
        return "check what was given, and --format";
    }

    @Override
    public ImportedView bring(int index, SecretName name, boolean write) {
        if (!(entries.all().get(index) instanceof ImportEntry.Found(String _, SecretValue value))) {
            throw new IllegalStateException("a secret that was refused is to be brought");
        }
        Target target = wanted.place()
                .in(Target.of("/v1/secrets").segment(name.text()).verb("import"))
                .with("on-existing", wanted.onExisting().text())
                .with("dry-run", !write);
        return client.value("PUT", target, value, body -> Session.read(body, ImportedView.class));
    }

    @Override
    public void close() {
        entries.close();
    }
}

package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.AuditRecordView;
import dev.latchkey.agent.admin.view.HeadView;
import dev.latchkey.agent.audit.Head;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code agent audit …}. */
@Command(name = "audit", description = "read and verify the audit log")
final class AuditGroup {
    private static final List<String> COLUMNS = List.of("sequence", "time", "kind", "uid", "rule", "secret", "result");

    private final Session session;

    AuditGroup(Session session) {
        this.session = session;
    }

    /** The three ways to print records. */
    static final class RecordFormat {
        @Option(names = "--format", paramLabel = "table|json|csv", description = "how to print; default: table")
        Format.Form form = Format.Form.table;
    }

    @Command(name = "tail", description = "print the last records, oldest first")
    int tail(
            @Option(names = "--count", paramLabel = "N", defaultValue = "20", description = "how many; default: 20")
                    long count,
            @Mixin Connection connection,
            @Mixin RecordFormat format) {
        if (count < 1) {
            throw CommandFailure.usage("--count must be 1 or more", "give the number of records to print");
        }
        return print(connection, Target.of("/v1/audit/tail").with("count", count), format.form);
    }

    @Command(name = "head", description = "print SEQ:HASH of the last record, to be kept elsewhere")
    int head(@Mixin Connection connection, @Mixin Format format) {
        session.show(
                session.client(connection),
                Target.of("/v1/audit/head"),
                format,
                HeadView.class,
                head -> head.text() + "\n");
        return 0;
    }

    /** What to select. */
    static final class Selection {
        @Option(names = "--secret", paramLabel = "N", description = "records about the secret N")
        Optional<String> secret = Optional.empty();

        @Option(names = "--workload", paramLabel = "W", description = "records of the rule or the uid W")
        Optional<String> workload = Optional.empty();

        @Option(
                names = "--kind",
                paramLabel = "K",
                completionCandidates = Choices.Kinds.class,
                description = "records of this kind, as in grant, outcome, refusal, admin")
        Optional<String> kind = Optional.empty();

        @Option(
                names = "--since",
                paramLabel = "T",
                description = "records from a time on: 2026-01-31T09:00:00Z, 2026-01-31, or 2h ago as 2h")
        Optional<String> since = Optional.empty();

        @Option(names = "--until", paramLabel = "T", description = "records before a time")
        Optional<String> until = Optional.empty();
    }

    @Command(name = "query", description = "print the records that all given conditions select, oldest first")
    int query(@Mixin Selection selection, @Mixin Connection connection, @Mixin RecordFormat format) {
        Choices.require("--kind", selection.kind, AuditRecordView.KINDS);
        TimeArgument times = new TimeArgument(session.surroundings().clock());
        Target target = Target.of("/v1/audit/records")
                .with("secret", selection.secret)
                .with("workload", selection.workload)
                .with("kind", selection.kind)
                .with("since", selection.since.map(text -> times.parse("--since", text)))
                .with("until", selection.until.map(text -> times.parse("--until", text)));
        return print(connection, target, format.form);
    }

    /** What verifying found, as it is printed; {@code signed} is the number of the last record that is signed. */
    public record VerifiedView(
            boolean intact,
            Optional<ProblemView> problem,
            long records,
            Optional<String> head,
            Optional<Long> signed,
            List<String> report) {
        public VerifiedView {
            report = List.copyOf(report);
        }

        static VerifiedView of(Collaborators.AuditVerifier.Verified verified) {
            return new VerifiedView(
                    verified.intact(),
                    verified.problem()
                            .map(p -> new ProblemView(
                                    p.kind(), p.file().toString(), p.line(), p.offset(), p.sequence(), p.message())),
                    verified.records(),
                    verified.last(),
                    verified.signed(),
                    verified.report());
        }
    }

    /** The first thing that is wrong, as it is printed. */
    public record ProblemView(String kind, String file, long line, long offset, long sequence, String message) {}

    @Command(name = "verify", description = "check every record and its link to the one before; needs no agent")
    int verify(
            @Parameters(
                            paramLabel = "FILE",
                            arity = "0..1",
                            description = "default: the one that 'agent run' would write")
                    Optional<Path> file,
            @Option(
                            names = "--head",
                            paramLabel = "SEQ:HASH",
                            description = "a head kept elsewhere; without one only accidents are found")
                    Optional<String> head,
            @Option(
                            names = "--public-key",
                            paramLabel = "FILE",
                            description = "the key that signs checkpoints, kept elsewhere; repeatable")
                    @Nullable
                    List<Path> keys,
            @Mixin Format format) {
        boolean json = format.json();
        head.filter(text -> Head.find(text).isEmpty()).ifPresent(_ -> {
            throw CommandFailure.usage("--head is not SEQ:HASH", "write it as 'agent audit head' prints it");
        });
        Collaborators.AuditVerifier.Verified verified;
        try (Progress _ = Progress.of(session, "verifying the audit log")) {
            List<Path> files = keys == null ? List.of() : keys;
            Collaborators.AuditVerifier.Kept kept = new Collaborators.AuditVerifier.Kept(
                    head, files.stream().map(session::resolve).toList());
            verified = session.collaborators().audit().verify(file.map(session::resolve), kept);
        }
        if (json) {
            session.printJson(VerifiedView.of(verified));
        } else {
            verified.report().forEach(session::println);
        }
        return verified.intact() ? 0 : CommandFailure.FAILED;
    }

    /** The key, as it is printed. */
    public record KeyView(String algorithm, String pem) {}

    @Command(
            name = "key",
            description = "print the public key that signs the log's checkpoints, to be kept elsewhere; needs no agent")
    int key(@Mixin Format format) {
        boolean json = format.json();
        String pem = session.collaborators().audit().publicKey();
        if (json) {
            session.printJson(new KeyView("ed25519", pem));
        } else {
            session.print(pem);
        }
        return 0;
    }

    /** As it comes, for there may be more of it than memory. A query that finds little in a long log is silent for long. */
    private int print(Connection connection, Target target, Format.Form form) {
        session.client(connection).patiently().get(target, body -> {
            switch (form) {
                case json -> {
                    // As the agent wrote it, so that each record is still the one that was hashed.
                    session.pass(body);
                    session.print("\n");
                }
                case csv -> {
                    session.print(line(COLUMNS));
                    Session.readEach(body, AuditRecordView.class, one -> session.print(line(cells(one))));
                }
                case table -> printTable(body);
            }
            return true;
        });
        return 0;
    }

    private void printTable(InputStream body) {
        FlowingTable table = new FlowingTable(
                session::print, COLUMNS.stream().map(String::toUpperCase).toArray(String[]::new));
        Session.readEach(
                body,
                AuditRecordView.class,
                one -> table.row(
                        one.sequence(), one.time(), one.kind(), one.uid(), one.rules(), one.secrets(), one.result()));
        table.end();
    }

    private static List<String> cells(AuditRecordView one) {
        return List.of(
                Long.toString(one.sequence()),
                one.time().toString(),
                one.kind(),
                one.uid().map(String::valueOf).orElse(""),
                String.join(" ", one.rules()),
                String.join(" ", one.secrets()),
                one.result().orElse(""));
    }

    /** RFC 4180. */
    private static String line(List<String> cells) {
        Function<String, String> quoted =
                cell -> cell.matches("[^\",\r\n]*") ? cell : '"' + cell.replace("\"", "\"\"") + '"';
        return cells.stream().map(quoted).collect(Collectors.joining(",", "", "\r\n"));
    }
}

package dev.latchkey.agent.cli;

import dev.latchkey.agent.cli.Collaborators.ConfigTool.Checked;
import dev.latchkey.agent.cli.Collaborators.PolicyTester;
import dev.latchkey.agent.cli.Collaborators.PolicyTester.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code agent policy …}. */
@Command(name = "policy", description = "test the rules of a configuration; needs no agent")
final class PolicyGroup {
    private final Session session;

    PolicyGroup(Session session) {
        this.session = session;
    }

    @Command(
            name = "test",
            description = "hold the rules against a table of expectations; exit 0 if all of them are met, else 1")
    int test(
            @Parameters(
                            paramLabel = "FILE",
                            description = "tests: [{name: T, caller: {uid: N}, allow: [REF], deny: [REF]}]")
                    Path file,
            @Option(
                            names = "--config",
                            paramLabel = "FILE",
                            description = "the configuration; default: the one that 'agent run' would read")
                    Optional<Path> config,
            @Mixin Format format) {
        boolean json = format.json();
        PolicyTester.Tested tested =
                session.collaborators().policy().test(session.resolve(file), config.map(session::resolve));
        if (!tested.refused().isEmpty()) {
            return refuse(tested.refused(), json);
        }
        tested.assumed().forEach(session::note);
        List<Outcome> outcomes = tested.outcomes();
        if (json) {
            session.printJson(outcomes);
        } else {
            session.print(table(outcomes).toString());
        }
        long failed = outcomes.stream().filter(outcome -> !outcome.passed()).count();
        if (failed > 0) {
            session.note(failed + " of " + outcomes.size() + " expectations are not met");
        }
        return failed == 0 ? 0 : CommandFailure.FAILED;
    }

    /** Problem by problem, as {@code agent config check} tells them; for a program all of them are one error. */
    private int refuse(List<Checked> files, boolean json) {
        if (json) {
            throw CommandFailure.failed(
                    "bad-configuration",
                    files.stream().flatMap(PolicyGroup::texts).collect(Collectors.joining("; ")),
                    "without --format json each problem has a line and a hint of its own");
        }
        files.forEach(session::problems);
        return CommandFailure.FAILED;
    }

    private static Stream<String> texts(Checked file) {
        return file.problems().stream().map(problem -> problem.text(file.file()));
    }

    /** The reason stands where it is of use. */
    private static Table table(List<Outcome> outcomes) {
        Table table = new Table("RESULT", "TEST", "LINE", "REFERENCE", "EXPECTED", "ACTUAL", "REASON");
        outcomes.forEach(one -> table.row(
                one.passed() ? "ok" : "FAILED",
                one.test(),
                one.line(),
                one.reference(),
                one.expected(),
                one.actual(),
                one.passed() ? "" : one.reason()));
        return table;
    }
}

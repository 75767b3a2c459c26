package dev.latchkey.agent.cli;

import dev.latchkey.agent.cli.Collaborators.ConfigTool.Checked;
import dev.latchkey.agent.cli.Collaborators.PolicyTester;
import dev.latchkey.agent.cli.Collaborators.PolicyTester.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
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
            throw refused(tested.refused());
        }
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

    private static CommandFailure refused(List<Checked> files) {
        String problems = files.stream()
                .flatMap(file -> file.problems().stream().map(problem -> text(file, problem)))
                .collect(Collectors.joining("; "));
        return CommandFailure.failed(
                "bad-configuration", problems, "'agent config check' says more of a configuration");
    }

    private static String text(Checked file, Collaborators.ConfigTool.Problem problem) {
        String place = problem.line() == 0 ? "" : ":" + problem.line() + ":" + problem.column();
        return file.file() + place + ": " + problem.message();
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

package dev.latchkey.agent.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code agent config …}. */
@Command(name = "config", description = "check a configuration, print its schema; neither needs an agent")
final class ConfigGroup {
    private final Session session;

    ConfigGroup(Session session) {
        this.session = session;
    }

    /** What a check found, as it is printed. */
    public record CheckView(String file, List<ProblemView> problems) {
        public CheckView {
            problems = List.copyOf(problems);
        }
    }

    /** One problem. */
    public record ProblemView(int line, int column, String message, Optional<String> hint) {}

    @Command(name = "check", description = "report everything that is wrong with a configuration at once")
    int check(
            @Parameters(
                            paramLabel = "FILE",
                            arity = "0..1",
                            description = "default: the one that 'agent run' would read")
                    Optional<Path> file,
            @Mixin Format format) {
        boolean json = format.json();
        Collaborators.ConfigTool.Checked checked =
                session.collaborators().config().check(file.map(session::resolve));
        if (json) {
            session.printJson(view(checked));
        } else {
            tell(checked);
        }
        return checked.problems().isEmpty() ? 0 : CommandFailure.FAILED;
    }

    @Command(name = "schema", description = "print the JSON Schema of the configuration")
    int schema() {
        session.println(session.collaborators().config().schema().stripTrailing());
        return 0;
    }

    private void tell(Collaborators.ConfigTool.Checked checked) {
        session.problems(checked);
        if (checked.problems().isEmpty()) {
            session.println(
                    checked.read()
                            ? checked.file() + ": no problems"
                            : "no configuration at " + checked.file() + ": the defaults are in force");
        }
    }

    private static CheckView view(Collaborators.ConfigTool.Checked checked) {
        return new CheckView(
                checked.file().toString(),
                checked.problems().stream()
                        .map(p -> new ProblemView(p.line(), p.column(), p.message(), p.hint()))
                        .toList());
    }
}

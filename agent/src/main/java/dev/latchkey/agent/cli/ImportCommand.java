package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.ImportView;
import dev.latchkey.agent.imports.ImportFormat;
import dev.latchkey.agent.secret.OnExisting;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code agent secret import}. */
@Command(
        name = "import",
        description =
                "store the secrets of a file, or of what a provider has below a prefix; all of them are checked before"
                        + " the first is stored")
final class ImportCommand implements Callable<Integer> {
    private static final List<String> OUTPUTS = List.of("table", "json");

    @Parameters(
            paramLabel = "FILE|-|PROVIDER:PREFIX/",
            description = "a file, - for standard input, or a provider of the configuration with a prefix of its paths")
    String source = "";

    @Option(
            names = "--format",
            paramLabel = "dotenv|json|bruin|vault-kv|aws-sm",
            completionCandidates = Choices.Imports.class,
            description = "what the file is; default: by its name (.env, .json, .bruin.yml)")
    Optional<String> format = Optional.empty();

    @Option(
            names = "--fields",
            description = "each field of an object becomes a secret of its own, called SECRET.FIELD")
    boolean fields;

    @Option(
            names = "--on-existing",
            paramLabel = "skip|fail|new-version",
            completionCandidates = Choices.Existing.class,
            description = "what to do with a name that is there with another value; default: fail, and store nothing."
                    + " The same value is never a reason to fail")
    String onExisting = OnExisting.FAIL.text();

    @Option(names = "--dry-run", description = "tell what would be done, and store nothing")
    boolean dryRun;

    @Option(
            names = "--output",
            paramLabel = "table|json",
            completionCandidates = Choices.Prints.class,
            description = "how to print the report; default: table")
    String output = "table";

    @Mixin
    Place place = new Place();

    private final Session session;

    ImportCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Choices.require("--format", format, ImportFormat.texts());
        Choices.require("--on-existing", Optional.of(onExisting), OnExisting.texts());
        Choices.require("--output", Optional.of(output), OUTPUTS);
        Import.Wanted wanted = new Import.Wanted(place, OnExisting.parse(onExisting), dryRun);
        AdminClient client = session.client(place.connection);
        try (Interruption interruption = Interruption.listen()) {
            return imported(client, wanted, interruption);
        }
    }

    private int imported(AdminClient client, Import.Wanted wanted, Interruption interruption) {
        ImportView report;
        try (ImportSource from = source(client, wanted)) {
            report = new Import(session, from, wanted, interruption).run();
        } catch (CommandFailure e) {
            if (interruption.came()) {
                session.note("interrupted; nothing was stored");
                return CommandFailure.FAILED;
            }
            throw e;
        }
        return ImportReport.print(session, report, output.equals("json"), interruption.came());
    }

    private ImportSource source(AdminClient client, Import.Wanted wanted) {
        Optional<ProviderPrefix> prefix = ProviderPrefix.parse(source);
        if (prefix.isEmpty()) {
            return FileImport.read(session, new FileImport.Asked(source, format, fields, place), client, wanted);
        }
        if (format.isPresent()) {
            throw CommandFailure.usage(
                    "--format is for files, and " + source + " is none",
                    "--output json prints the report as JSON; a file of that name is ./" + source);
        }
        return ProviderImport.list(session, prefix.get(), fields, client, wanted);
    }
}

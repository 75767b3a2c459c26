package dev.latchkey.agent;

import dev.latchkey.agent.cli.Cli;
import dev.latchkey.agent.cli.Collaborators;
import dev.latchkey.agent.cli.Surroundings;
import dev.latchkey.agent.config.ConfigLoader;
import dev.latchkey.agent.config.ConfigSchema;
import dev.latchkey.agent.config.Host;
import dev.latchkey.agent.config.Places;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The program {@code agent}. */
public final class Main {
    private Main() {}

    /** Ends the process with the command's status. */
    public static void main(String[] arguments) {
        // SECURITY: halt, for shutdown hooks of libraries have nothing to do that was not done in order before.
        Runtime.getRuntime().halt(run(Surroundings.ofProcess(version()), arguments));
    }

    private static int run(Surroundings surroundings, String... arguments) {
        Host host = Host.current().offering(InstalledProviders.ofThisInstallation());
        Collaborators collaborators = new Collaborators(
                options -> new AgentProcess(host, surroundings, AotCache.ofThisProcess()).run(options),
                option -> new Places(host).adminSocket(option),
                new ConfigFiles(host),
                new PolicyTrial(host),
                new AuditFiles(host),
                new LauncherInstaller(host),
                new ImportFiles(host.environment()));
        return new Cli(surroundings, collaborators).run(arguments);
    }

    /** From the jar; a build that was never packed has none. */
    private static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("unpacked");
    }

    /** What {@code agent config} looks at. */
    private record ConfigFiles(Host host) implements Collaborators.ConfigTool {
        @Override
        public Checked check(Optional<Path> named) {
            Places.ConfigFile file = new Places(host).configFile(named);
            List<Problem> problems = new ConfigLoader(host)
                    .load(file).problems().stream()
                            .map(p -> new Problem(p.line(), p.column(), p.message(), p.hint()))
                            .toList();
            return new Checked(file.path(), Files.exists(file.path()), problems);
        }

        @Override
        public String schema() {
            return ConfigSchema.json();
        }
    }
}

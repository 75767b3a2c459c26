package dev.latchkey.agent;

import dev.latchkey.agent.audit.AuditReader;
import dev.latchkey.agent.audit.AuditVerification;
import dev.latchkey.agent.audit.Head;
import dev.latchkey.agent.cli.Cli;
import dev.latchkey.agent.cli.Collaborators;
import dev.latchkey.agent.cli.Surroundings;
import dev.latchkey.agent.config.AgentConfig;
import dev.latchkey.agent.config.ConfigLoader;
import dev.latchkey.agent.config.ConfigResult;
import dev.latchkey.agent.config.ConfigSchema;
import dev.latchkey.agent.config.Host;
import dev.latchkey.agent.config.Places;
import dev.latchkey.agent.config.RunPlaces;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
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
        Host host = Host.current();
        Collaborators collaborators = new Collaborators(
                options -> new AgentProcess(host, surroundings, AotCache.ofThisProcess()).run(options),
                option -> new Places(host).adminSocket(option),
                new ConfigFiles(host),
                new PolicyTrial(host),
                (file, head) -> verify(host, file, head));
        return new Cli(surroundings, collaborators).run(arguments);
    }

    /** From the jar; a build that was never packed has none. */
    private static String version() {
        return Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
                .orElse("unpacked");
    }

    private static Collaborators.AuditVerifier.Verified verify(Host host, Optional<Path> file, Optional<String> head) {
        Path log = file.orElseGet(() -> configuredLog(host));
        AuditVerification verification = AuditReader.verify(log, head.map(Head::parse));
        return new Collaborators.AuditVerifier.Verified(verification.intact(), verification.report());
    }

    private static Path configuredLog(Host host) {
        Places places = new Places(host);
        Places.ConfigFile file = places.configFile(Optional.empty());
        return switch (new ConfigLoader(host).load(file)) {
            case ConfigResult.Loaded(AgentConfig config) -> {
                RunPlaces run = places.run(Optional.empty(), Optional.empty(), config);
                yield run.inState(config.audit().path());
            }
            case ConfigResult.Refused _ ->
                throw new AgentException(
                        FailureKind.BAD_CONFIGURATION,
                        "the configuration " + file.path() + " was refused, so the place of the audit log is not known",
                        "name the file: agent audit verify FILE");
        };
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

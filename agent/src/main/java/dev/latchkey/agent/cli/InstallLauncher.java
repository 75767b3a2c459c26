package dev.latchkey.agent.cli;

import dev.latchkey.agent.cli.Collaborators.LauncherInstaller.Installed;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code agent install-launcher}. */
@Command(
        name = "install-launcher",
        description = {
            "install the launcher with a group of its own, for rules on commands; needs root, and no agent",
            "",
            "Nobody may be in the group: an agent knows the launcher by it. Rules on command, args and exe then fit"
                    + " what this launcher starts, on a socket of that group."
        })
final class InstallLauncher implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--group",
            paramLabel = "G",
            description = "the launcher's group, which must be there and have no members; default: latchkey-launch")
    Optional<String> group = Optional.empty();

    @Parameters(paramLabel = "PATH", arity = "0..1", description = "where to put it; default: /usr/local/bin/launcher")
    Optional<Path> path = Optional.empty();

    @Mixin
    Format format = new Format();

    InstallLauncher(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        boolean json = format.json();
        Installed installed = session.collaborators().installer().install(group, path.map(session::resolve));
        if (json) {
            session.printJson(installed);
            return 0;
        }
        session.print("""
                %s %s: owner root, group %s, mode %s

                In agent.yaml it needs a socket of its group, in a folder of its own:

                sockets:
                  - {name: proof, path: /run/latchkey/proof/agent.sock, mode: "0660", group: %s}

                An agent that does not run as root needs the group to give it to the socket; in its unit:

                [Service]
                SupplementaryGroups=%s
                """.formatted(
                        installed.effect(),
                        installed.path(),
                        installed.group(),
                        installed.mode(),
                        installed.group(),
                        installed.group()));
        return 0;
    }
}

package dev.latchkey.agent;

import dev.latchkey.agent.cli.Collaborators;
import dev.latchkey.agent.config.Accounts;
import dev.latchkey.agent.config.Host;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.install.LauncherInstallation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code agent install-launcher}: looks up the group, and installs the launcher of this distribution. */
final class LauncherInstaller implements Collaborators.LauncherInstaller {
    private static final String GROUP = "latchkey-launch";
    private static final Path PLACE = Path.of("/usr/local/bin/launcher");
    private static final String NUMBER = "[0-9]{1,9}";

    private final Host host;

    LauncherInstaller(Host host) {
        this.host = host;
    }

    @Override
    public Installed install(Optional<String> named, Optional<Path> place) {
        if (!host.isRoot()) {
            throw refused(
                    FailureKind.FORBIDDEN,
                    "install-launcher needs root: only root can give a file to another group",
                    "run it with sudo");
        }
        String group = named.orElse(GROUP);
        long gid = gid(group);
        Path target = place.orElse(PLACE);
        LauncherInstallation.Effect effect = new LauncherInstallation(source(), target, gid).install();
        return new Installed(
                target.normalize().toString(),
                group,
                gid,
                "0%o".formatted(LauncherInstallation.MODE),
                effect.name().toLowerCase(Locale.ROOT));
    }

    /** SECURITY: a member of the group could connect without the launcher. */
    private long gid(String group) {
        Accounts accounts = host.accounts();
        long gid = accounts.gid(group)
                .or(() -> group.matches(NUMBER)
                        ? Optional.of(Long.valueOf(group)).filter(accounts::hasGroup)
                        : Optional.empty())
                .orElseThrow(() -> refused(
                        FailureKind.BAD_ARGUMENT,
                        "there is no group " + shown(group),
                        "'groupadd --system " + shown(group) + "' makes it; let nobody be in it"));
        List<String> members = accounts.members(gid);
        if (gid == 0 || !members.isEmpty()) {
            throw refused(
                    FailureKind.BAD_ARGUMENT,
                    "the group " + shown(group) + " has members, who could pretend to be the launcher",
                    "name a group that nobody is in: 'groupadd --system " + GROUP + "' makes one");
        }
        return gid;
    }

    /** What may be a name. */
    private static String shown(String group) {
        return group.matches("[A-Za-z0-9._-]{1,32}") ? group : "of that name";
    }

    private static Path source() {
        return Optional.ofNullable(System.getProperty("latchkey.aot"))
                .map(cache -> Path.of(cache).resolve("../../bin/launcher").normalize())
                .filter(Files::isRegularFile)
                .orElseThrow(() -> refused(
                        FailureKind.STATE_UNUSABLE,
                        "this distribution has no bin/launcher",
                        "unpack the distribution again, and run its bin/agent"));
    }

    private static AgentException refused(FailureKind kind, String message, String hint) {
        return new AgentException(Failure.of(kind, message, hint));
    }
}

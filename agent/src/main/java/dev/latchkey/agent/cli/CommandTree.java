package dev.latchkey.agent.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * The commands by name. Building one costs reflection, so a run builds the one that was named, and only help and documents build all.
 */
final class CommandTree {
    private static final int WIDTH = 100;

    private final Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
    private final Session session;
    private final String version;

    /**
     * @param command of {@code agent run}
     */
    CommandTree(Session session, List<String> command) {
        this.session = session;
        version = session.surroundings().version();
        commands.put("run", () -> new AgentCommands.Run(session, command));
        commands.put("ready", () -> new AgentCommands.Ready(session));
        commands.put("status", () -> new AgentCommands.Status(session));
        commands.put("config", () -> new ConfigGroup(session));
        commands.put("secret", () -> new SecretGroup(session));
        commands.put("project", () -> new PlaceGroups.ProjectGroup(session));
        commands.put("environment", () -> new PlaceGroups.EnvironmentGroup(session));
        commands.put("explain", () -> new AgentCommands.Explain(session));
        commands.put("consumers", () -> new ConsumersCommand(session));
        commands.put("refresh", () -> new AgentCommands.Refresh(session));
        commands.put("policy", () -> new PolicyGroup(session));
        commands.put("audit", () -> new AuditGroup(session));
        commands.put("key", () -> new StoreCommands.KeyGroup(session));
        commands.put("backup", () -> new StoreCommands.Backup(session));
        commands.put("restore", () -> new StoreCommands.Restore(session));
        commands.put("store", () -> new StoreCommands.StoreGroup(session));
        commands.put("install-launcher", () -> new InstallLauncher(session));
        commands.put("ui", () -> new NotYet("ui"));
    }

    @Command(
            name = "agent",
            description = "Serves secrets to the programs that may have them.",
            synopsisSubcommandLabel = "COMMAND",
            footer = {
                "'agent help COMMAND' tells more about one.",
                "Exit status: 0 done, 1 refused, failed or not serving, 2 wrong usage."
            })
    private static final class Root {}

    /** The whole tree, or, if a command of that name exists, the root with that command alone. */
    CommandLine build(String named) {
        CommandLine root = new CommandLine(new Root());
        root.getCommandSpec()
                .version("agent " + version)
                .addOption(OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("print the version")
                        .build());
        if (commands.containsKey(named)) {
            add(root, named);
        } else {
            commands.keySet().forEach(name -> add(root, name));
        }
        settle(root);
        return root;
    }

    CommandLine whole() {
        return build("");
    }

    private void add(CommandLine root, String name) {
        Supplier<Object> command = commands.get(name);
        if (command == null) {
            throw new IllegalStateException("no command " + name);
        }
        CommandLine added = new CommandLine(command.get());
        if (name.equals("secret")) {
            added.addSubcommand("import", new ImportCommand(session));
        }
        root.addSubcommand(name, added);
    }

    private static void settle(CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("show this help")
                .build());
        spec.usageMessage().width(WIDTH).abbreviateSynopsis(false).sortOptions(false);
        // SECURITY: an argument that begins with '@' is that argument, not a file of more.
        line.setExpandAtFiles(false);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        line.getSubcommands().values().forEach(CommandTree::settle);
    }
}

package dev.latchkey.agent.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of the agent, in the man(7) macros. */
final class ManPage {
    private static final String ENVIRONMENT = """
            .TP
            .B LATCHKEY_CONFIG, LATCHKEY_STATE, LATCHKEY_SOCKET
            What \\fBagent run\\fP uses where an option does not say otherwise.
            .TP
            .B LATCHKEY_ADMIN_SOCKET
            The socket that admin commands speak to. An empty variable counts as unset.
            .PP
            The command of \\fBagent run -- COMMAND\\fP has \\fBLATCHKEY_SOCKET\\fP, \\fBLATCHKEY_STATE\\fP and
            \\fBLATCHKEY_ADMIN_SOCKET\\fP, so that launchers and admin commands in it find this agent.
            """;
    private static final String STATUSES = """
            .TP
            .B 0
            It was done; of \\fBready\\fP and \\fBstatus\\fP, the agent serves.
            .TP
            .B 1
            It was refused, it failed, or no agent serves; of \\fBexplain\\fP, a reference is denied.
            .TP
            .B 2
            The command line was wrong.
            .PP
            \\fBagent run -- COMMAND\\fP exits with the status of the command.
            """;

    private final StringBuilder page = new StringBuilder();

    private ManPage() {}

    static String of(CommandSpec agent) {
        ManPage man = new ManPage();
        man.head(agent);
        man.section("COMMANDS");
        Documents.subcommands(agent).values().forEach(man::command);
        man.section("OPTIONS");
        agent.options().forEach(man::option);
        man.section("ENVIRONMENT").append(ENVIRONMENT);
        man.section("EXIT STATUS").append(STATUSES);
        man.section("SEE ALSO").append(".BR launcher (1)\n");
        return man.page.toString();
    }

    private void head(CommandSpec agent) {
        page.append(".TH AGENT 1 \"\" Latchkey \"Latchkey manual\"\n");
        section("NAME").append("agent \\- serves secrets to the programs that may have them\n");
        section("SYNOPSIS").append(".B agent\n[\\fIOPTION\\fP...] \\fICOMMAND\\fP [\\fIARGUMENT\\fP...]\n");
        section("DESCRIPTION");
        for (String line : agent.usageMessage().description()) {
            page.append(escape(line)).append('\n');
        }
        page.append("""
                It is run by \\fBagent run\\fP; every other command speaks to a running one over its admin socket.
                A value never comes from the command line, and none is printed but by \\fBsecret reveal\\fP.
                """);
    }

    private void command(CommandSpec spec) {
        if (Documents.subcommands(spec).isEmpty()) {
            leaf(spec);
        } else {
            Documents.subcommands(spec).values().forEach(this::command);
        }
    }

    private void leaf(CommandSpec spec) {
        page.append(".SS ").append(synopsis(spec)).append('\n');
        for (String line : spec.usageMessage().description()) {
            page.append(sentence(line)).append('\n');
        }
        spec.positionalParameters().forEach(this::positional);
        spec.options().stream().filter(option -> !option.usageHelp()).forEach(this::option);
    }

    private static String synopsis(CommandSpec spec) {
        List<String> words = new ArrayList<>(List.of(spec.qualifiedName()));
        for (PositionalParamSpec parameter : spec.positionalParameters()) {
            String label = parameter.paramLabel() + (parameter.arity().max() > 1 ? "..." : "");
            words.add(parameter.required() ? label : "[" + label + "]");
        }
        return escape(String.join(" ", words));
    }

    private void positional(PositionalParamSpec parameter) {
        entry("\\fI" + escape(parameter.paramLabel()) + "\\fP", parameter.description());
    }

    private void option(OptionSpec option) {
        if (option.hidden()) {
            return;
        }
        String names = "\\fB" + escape(String.join(", ", option.names())) + "\\fP";
        boolean takesArgument = option.arity().max() > 0;
        entry(takesArgument ? names + " \\fI" + escape(option.paramLabel()) + "\\fP" : names, option.description());
    }

    private void entry(String term, String[] description) {
        page.append(".TP\n").append(term).append('\n');
        for (String line : description) {
            page.append(sentence(line)).append('\n');
        }
    }

    private StringBuilder section(String title) {
        return page.append(".SH ").append(title).append('\n');
    }

    private static String sentence(String line) {
        return escape(line) + (line.isEmpty() || line.endsWith(".") ? "" : ".");
    }

    private static String escape(String text) {
        String escaped = text.replace("\\", "\\e")
                .replace("-", "\\-")
                .replace("…", "...")
                .replaceAll(" +", " ");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}

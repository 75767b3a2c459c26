package dev.latchkey.agent.config;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.workload.ControlGroup;
import dev.latchkey.agent.workload.LaunchedCommand;
import dev.latchkey.agent.workload.Sha256;
import dev.latchkey.agent.workload.Supposed;
import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Node;
import dev.latchkey.agent.yaml.Problem;
import dev.latchkey.agent.yaml.Problems;
import dev.latchkey.agent.yaml.YamlReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a table of expectations, with the same care as a configuration: every problem at once, with line and column.
 *
 * <p>{@code accounts: {users: {NAME: N}, groups: {NAME: N}}}, {@code tests: [{name: …, caller: {uid: …}, rule: …, allow: [REF…], deny: [REF…]}]}
 */
public final class ExpectationFile {
    private static final Key<Long> UID = Key.required("uid", Scalars.USER, "its effective user");
    private static final Key<Long> GID = Key.of("gid", Scalars.GROUP, "its effective group", "the user's own");
    private static final Key<List<Located<Long>>> GROUPS =
            Key.of("groups", ListOf.of(Scalars.GROUP), "its supplementary groups", "the user's own");
    private static final Key<String> LISTENER =
            Key.of("listener", Scalars.NAME, "the socket it comes in by", "the first");
    private static final Key<Boolean> PID = Key.of(
            "pid",
            Choice.of(List.of(true, false), seen -> seen ? "seen" : "none"),
            "whether its process can be seen",
            "`seen`");
    private static final Key<Boolean> PIN = Key.of(
            "pin",
            Choice.of(List.of(true, false), strict -> strict ? "strict" : "weak"),
            "how it is pinned",
            "`strict`");
    private static final Key<Path> TOKEN_FILE =
            Key.of("token-file", Scalars.ABSOLUTE_PATH, "the token file of a rule whose token it presents", "no token");
    private static final Key<String> UNIT = Key.of("unit", Scalars.UNIT, "its unit", "none");
    private static final Key<String> CONTAINER = Key.of("container", Scalars.CONTAINER, "its container", "none");
    private static final Key<String> POD = Key.of("pod", Scalars.POD, "its pod", "none");
    private static final Key<String> CGROUP = Key.of("cgroup", Scalars.CONTROL_GROUP, "its control group", "none");
    private static final Key<Path> EXE = Key.of("exe", Scalars.ABSOLUTE_PATH, "the program that it runs", "none");
    private static final Key<Sha256> EXE_SHA256 =
            Key.of("exe-sha256", Scalars.SHA256, "the hash of that program", "none");
    private static final Key<Path> COMMAND =
            Key.of("command", Scalars.ABSOLUTE_PATH, "the command that it becomes, as a launcher with a proof", "none");
    private static final Key<Sha256> COMMAND_SHA256 =
            Key.of("command-sha256", Scalars.SHA256, "the hash of that command", "none that a rule names");
    private static final Key<List<Located<String>>> ARGS =
            Key.of("args", ListOf.of(Scalars.ARGUMENT), "the arguments of that command", "none");

    private static final ConfigSecrets.Found NO_SECRETS = new ConfigSecrets.Found.Missing("no secret can stand here");

    /**
     * A caller, its place still unchecked.
     *
     * @param lacksCommand whether it has what only a command has
     */
    private record Draft(Supposed caller, Supposed.Whereabouts place, boolean lacksCommand) {}

    private static final Section<Draft> CALLER = new Section<>(
            List.of(
                    UID,
                    GID,
                    GROUPS,
                    LISTENER,
                    PID,
                    PIN,
                    TOKEN_FILE,
                    UNIT,
                    CONTAINER,
                    POD,
                    CGROUP,
                    EXE,
                    EXE_SHA256,
                    COMMAND,
                    COMMAND_SHA256,
                    ARGS),
            ExpectationFile::caller);

    private static final Key<String> NAME = Key.of("name", Scalars.TEXT, "what the report calls it", "its number");
    private static final Key<Draft> CALLER_KEY = Key.required("caller", CALLER, "who asks");
    private static final Key<String> RULE =
            Key.of("rule", Scalars.NAME, "the rule that must decide", "any rule, or none");
    private static final Key<List<Located<String>>> ALLOW =
            Key.of("allow", ListOf.of(Scalars.TEXT), "references that must be allowed", "none");
    private static final Key<List<Located<String>>> DENY =
            Key.of("deny", ListOf.of(Scalars.TEXT), "references that must be denied", "none");

    /** A test as it is written. */
    private record Written(
            Optional<String> name,
            Located<Draft> caller,
            Optional<String> rule,
            List<String> allow,
            List<String> deny) {}

    private static final Section<Written> TEST = new Section<>(
            List.of(NAME, CALLER_KEY, RULE, ALLOW, DENY),
            f -> new Written(
                    f.find(NAME).map(Located::value),
                    f.required(CALLER_KEY),
                    f.find(RULE).map(Located::value),
                    texts(f.get(ALLOW, List.of())),
                    texts(f.get(DENY, List.of()))));

    private static final String ACCOUNT_NAME = "[^:,\\s\\p{Cntrl}]{1,255}";
    private static final Key<List<NamedBy.Entry<Long>>> USERS = Key.of(
            "users", new NamedBy<>("a user", ACCOUNT_NAME, List.of(), Scalars.ID), "their numbers", "those of here");
    private static final Key<List<NamedBy.Entry<Long>>> OF_GROUPS = Key.of(
            "groups", new NamedBy<>("a group", ACCOUNT_NAME, List.of(), Scalars.ID), "their numbers", "those of here");
    private static final Section<Elsewhere.Names> NAMES = new Section<>(
            List.of(USERS, OF_GROUPS),
            f -> new Elsewhere.Names(numbers(f.get(USERS, List.of())), numbers(f.get(OF_GROUPS, List.of()))));
    private static final Key<Elsewhere.Names> ACCOUNTS =
            Key.of("accounts", NAMES, "users and groups of the machine that the configuration is for", "those of here");

    private static final Key<List<Located<Written>>> TESTS =
            Key.required("tests", ListOf.nonEmpty(TEST), "what is expected");
    private static final Section<List<Located<Written>>> ROOT =
            new Section<>(List.of(ACCOUNTS, TESTS), f -> f.required(TESTS).value());

    private ExpectationFile() {}

    /** What reading gives. */
    public sealed interface Result {
        /** What the file tells of the machine that the configuration is for. */
        Elsewhere.Names accounts();

        /** At least one, in the order of the file. */
        record Expected(List<Expectation> expectations, Elsewhere.Names accounts) implements Result {
            public Expected {
                expectations = List.copyOf(expectations);
            }
        }

        /** At least one, in the order of the file. */
        record Refused(List<Problem> problems, Elsewhere.Names accounts) implements Result {
            public Refused {
                problems = List.copyOf(problems);
            }
        }
    }

    /**
     * Reads a document.
     *
     * @param folder where relative paths of {@code ${file:…}} begin
     */
    public static Result parse(byte[] document, Path folder, Host host) {
        Problems problems = new Problems();
        Optional<Node> root = YamlReader.read(document, problems);
        Elsewhere.Names told = root.flatMap(node -> told(node, reading(folder, host, new Problems())))
                .orElse(Elsewhere.Names.NONE);
        Reading reading = reading(folder, host.trying(Elsewhere.told(told)), problems);
        if (root.isEmpty() && problems.count() == 0) {
            problems.addToWhole("the file is empty", "it holds tests: [{caller: {uid: N}, allow: [REF]}]");
        }
        List<Expectation> expectations = root.flatMap(node -> ROOT.read(node, "", reading))
                .map(tests -> expectations(tests, problems))
                .orElse(List.of());
        return problems.count() == 0
                ? new Result.Expected(expectations, told)
                : new Result.Refused(problems.all(), told);
    }

    private static Reading reading(Path folder, Host host, Problems problems) {
        return new Reading(host, new Expansion(host, _ -> NO_SECRETS, folder, problems), problems);
    }

    /** Read before the rest, which uses the names; what is wrong with them is reported with the rest. */
    private static Optional<Elsewhere.Names> told(Node root, Reading reading) {
        return root instanceof Node.Mapping mapping
                ? mapping.entries().stream()
                        .filter(entry -> entry.key().equals(ACCOUNTS.name()))
                        .findFirst()
                        .flatMap(entry -> NAMES.read(entry.value(), ACCOUNTS.name(), reading))
                : Optional.empty();
    }

    private static List<Expectation> expectations(List<Located<Written>> tests, Problems problems) {
        List<Expectation> all = new ArrayList<>();
        for (Located<Written> test : tests) {
            Written written = test.value();
            requireSomething(test, problems);
            all.add(new Expectation(
                    written.name().orElse("test " + (all.size() + 1)),
                    test.at().line(),
                    placed(written.caller(), problems),
                    written.rule(),
                    written.allow(),
                    written.deny()));
        }
        return all;
    }

    private static void requireSomething(Located<Written> test, Problems problems) {
        if (test.value().allow().isEmpty() && test.value().deny().isEmpty()) {
            problems.add(test.at(), "this test expects nothing", "name references in allow, in deny, or in both");
        }
    }

    private static Supposed placed(Located<Draft> caller, Problems problems) {
        Supposed supposed = caller.value().caller();
        if (caller.value().lacksCommand()) {
            problems.add(caller.at(), "args and command-sha256 are of a command", "name the command too");
        }
        try {
            Optional<ControlGroup> group = caller.value().place().group();
            Supposed.Facts facts = supposed.process();
            return new Supposed(
                    supposed.credentials(),
                    supposed.arrival(),
                    new Supposed.Facts(group, facts.exe(), facts.exeHash(), facts.command()));
        } catch (AgentException contradiction) {
            problems.add(caller.at(), contradiction.failure().message());
            return supposed;
        }
    }

    private static Draft caller(Section.Fields f) {
        Supposed.Credentials who = new Supposed.Credentials(
                f.required(UID).value(),
                value(f, GID),
                f.find(GROUPS)
                        .map(groups ->
                                groups.value().stream().map(Located::value).toList()));
        Supposed.Arrival how =
                new Supposed.Arrival(value(f, LISTENER), f.get(PID, true), f.get(PIN, true), value(f, TOKEN_FILE));
        Optional<LaunchedCommand> command = value(f, COMMAND)
                .map(path -> new LaunchedCommand(
                        path.toString(),
                        value(f, COMMAND_SHA256),
                        LaunchedCommand.hashOf(Arguments.values(f.get(ARGS, List.of())))));
        Supposed.Facts what = new Supposed.Facts(Optional.empty(), value(f, EXE), value(f, EXE_SHA256), command);
        return new Draft(
                new Supposed(who, how, what),
                new Supposed.Whereabouts(value(f, CGROUP), value(f, UNIT), value(f, CONTAINER), value(f, POD)),
                command.isEmpty()
                        && (f.find(ARGS).isPresent() || f.find(COMMAND_SHA256).isPresent()));
    }

    private static Map<String, Long> numbers(List<NamedBy.Entry<Long>> entries) {
        Map<String, Long> numbers = new HashMap<>();
        entries.forEach(entry ->
                entry.value().ifPresent(number -> numbers.put(entry.name().value(), number)));
        return numbers;
    }

    private static <T> Optional<T> value(Section.Fields f, Key<T> key) {
        return f.find(key).map(Located::value);
    }

    private static List<String> texts(List<Located<String>> located) {
        return located.stream().map(Located::value).toList();
    }
}

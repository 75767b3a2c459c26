package dev.latchkey.agent.config;

import dev.latchkey.agent.policy.CallerSelector;
import dev.latchkey.agent.policy.CommandSelector;
import dev.latchkey.agent.policy.ProcessSelector;
import dev.latchkey.agent.policy.ProcessSelector.Place;
import dev.latchkey.agent.policy.Selector;
import dev.latchkey.agent.workload.Sha256;
import dev.latchkey.agent.yaml.Located;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The keys of {@code match}: one for each kind of selector. */
final class MatchKeys {
    private static final Key<List<Located<String>>> LISTENER =
            Key.of("listener", ListOf.oneOrMore(Scalars.NAME), "the socket it came in by", "any");
    private static final Key<List<Located<Long>>> UID =
            Key.of("uid", ListOf.oneOrMore(Scalars.USER), "the effective user, a name or a number", "any but 65534");
    private static final Key<List<Located<Long>>> GID =
            Key.of("gid", ListOf.oneOrMore(Scalars.GROUP), "the effective group, a name or a number", "any");
    private static final Key<List<Located<Long>>> GROUPS =
            Key.of("groups", ListOf.oneOrMore(Scalars.GROUP), "a supplementary group, a name or a number", "any");
    private static final Key<List<Located<String>>> UNIT = Key.of(
            "unit",
            ListOf.oneOrMore(Scalars.UNIT),
            "the unit of the system's service manager that it runs in",
            "any or none");
    private static final Key<List<Located<String>>> CONTAINER = Key.of(
            "container",
            ListOf.oneOrMore(Scalars.CONTAINER),
            "the id of its container, or the first 12 digits or more; not that of a container which a user runs without root",
            "any or none");
    private static final Key<List<Located<String>>> POD =
            Key.of("pod", ListOf.oneOrMore(Scalars.POD), "the uid of its pod", "any or none");
    private static final Key<List<Located<String>>> CGROUP = Key.of(
            "cgroup",
            ListOf.oneOrMore(Scalars.CONTROL_GROUP),
            "its control group, or one above it, from the root on; `*` matches within one segment",
            "any");
    private static final Key<List<Located<Path>>> EXE = Key.of(
            "exe",
            ListOf.oneOrMore(Scalars.ABSOLUTE_PATH),
            "the executable that asks, by device and inode: the launcher's, where others have its group too; needs the launcher's proof",
            "any");
    private static final Key<List<Located<Sha256>>> EXE_SHA256 = Key.of(
            "exe-sha256",
            ListOf.oneOrMore(Scalars.SHA256),
            "the content of the executable that asks; needs the launcher's proof",
            "any");
    private static final Key<List<Located<Path>>> COMMAND = Key.of(
            CommandSelector.Found.KEY,
            ListOf.oneOrMore(Scalars.ABSOLUTE_PATH),
            "the command that the launcher becomes, by the path that it was named or found by; needs `args` and the launcher's proof",
            "any");
    private static final Key<List<Located<Sha256>>> COMMAND_SHA256 = Key.of(
            CommandSelector.Content.KEY,
            ListOf.oneOrMore(Scalars.SHA256),
            "the content of that command; needs `args` and the launcher's proof",
            "any");
    private static final Key<CommandSelector.Arguments> ARGS = Key.of(
            CommandSelector.Arguments.KEY,
            new Arguments(),
            "all arguments of the command in their order, or `any`; with `command` or `command-sha256`",
            "an error if one of these is there");
    private static final Key<List<Located<Path>>> TOKEN_FILE = Key.of(
            "token-file",
            ListOf.oneOrMore(Scalars.ABSOLUTE_PATH),
            "a file whose content the launcher must present with `--token-file`; one final newline is dropped, and it must be neither readable nor writable by others",
            "none is asked for");
    private static final Key<Boolean> PIN = Key.of(
            "pin",
            Choice.of(List.of(true, false), strict -> strict ? "strict" : "weak"),
            "how surely the caller is told from a process that got its pid; `strict` needs Linux 6.5",
            "`weak`: as the kernel has it");

    static final Section<Draft.Selectors> SECTION = new Section<>(keys(), MatchKeys::selectors);

    private MatchKeys() {}

    private static List<Key<?>> keys() {
        return List.of(
                LISTENER,
                UID,
                GID,
                GROUPS,
                UNIT,
                CONTAINER,
                POD,
                CGROUP,
                EXE,
                EXE_SHA256,
                COMMAND,
                COMMAND_SHA256,
                ARGS,
                TOKEN_FILE,
                PIN);
    }

    private static Draft.Selectors selectors(Section.Fields f) {
        List<Selector> others = Stream.of(
                        f.find(UID).map(ids -> new CallerSelector.Uid(set(ids))),
                        f.find(GID).map(ids -> new CallerSelector.Gid(set(ids))),
                        f.find(GROUPS).map(ids -> new CallerSelector.Groups(set(ids))),
                        placed(f, UNIT, Place.UNIT),
                        placed(f, CONTAINER, Place.CONTAINER),
                        placed(f, POD, Place.POD),
                        f.find(CGROUP).map(patterns -> new ProcessSelector.Within(set(patterns))),
                        f.find(EXE).map(files -> new ProcessSelector.Runs(set(files))),
                        f.find(EXE_SHA256).map(hashes -> new ProcessSelector.RunsContent(set(hashes))),
                        f.find(COMMAND).map(files -> new CommandSelector.Found(set(files))),
                        f.find(COMMAND_SHA256).map(hashes -> new CommandSelector.Content(set(hashes))),
                        f.find(ARGS).map(Located::value),
                        f.find(PIN).filter(Located::value).map(_ -> new CallerSelector.StrictPin()))
                .<Selector>flatMap(Optional::stream)
                .toList();
        return new Draft.Selectors(f.get(LISTENER, List.of()), f.get(TOKEN_FILE, List.of()), others, f.clean());
    }

    private static Optional<Selector> placed(Section.Fields f, Key<List<Located<String>>> key, Place place) {
        return f.find(key).map(names -> new ProcessSelector.Placed(place, set(names)));
    }

    private static <T> Set<T> set(Located<List<Located<T>>> values) {
        return values.value().stream().map(Located::value).collect(Collectors.toCollection(HashSet::new));
    }
}

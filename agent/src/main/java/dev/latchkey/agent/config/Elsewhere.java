package dev.latchkey.agent.config;

import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Problems;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The machine that a configuration is for, where it is only tried, on another one. A name has the number that it is told to have, else the one that it
 * has here, else one that no caller has. A file or variable that is not here is stood in for. Whatever was assumed is noted. For one thread.
 *
 * <p>SECURITY: what was read for elsewhere is never put in force: its tokens are known to everybody.
 */
public final class Elsewhere {
    /** What stands in for a text that is not known. */
    static final String UNKNOWN = "unknown";

    /** Over every number that the kernel gives. */
    private static final long FIRST_NOBODY = 1L << 32;

    private final Names names;
    private final boolean assuming;
    private final Map<String, Long> nobodies = new HashMap<>();
    private final Set<String> notes = new LinkedHashSet<>();

    private Elsewhere(Names names, boolean assuming) {
        this.names = names;
        this.assuming = assuming;
    }

    /** For a configuration: what nobody told is assumed. */
    public static Elsewhere assuming(Names names) {
        return new Elsewhere(names, true);
    }

    /** For what is told of it: a name must be told, or be known here, and nothing stands in for anything. */
    static Elsewhere told(Names names) {
        return new Elsewhere(names, false);
    }

    /** Users and groups by name, with the numbers that they have there. */
    public record Names(Map<String, Long> users, Map<String, Long> groups) {
        /** Nothing is told. */
        public static final Names NONE = new Names(Map.of(), Map.of());

        public Names {
            users = Map.copyOf(users);
            groups = Map.copyOf(groups);
        }
    }

    /** What was assumed, in sentences, each once. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    Optional<Long> uid(String user, Function<String, Optional<Long>> here) {
        return id("user", user, names.users(), here);
    }

    Optional<Long> gid(String group, Function<String, Optional<Long>> here) {
        return id("group", group, names.groups(), here);
    }

    private Optional<Long> id(String kind, String name, Map<String, Long> told, Function<String, Optional<Long>> here) {
        return Optional.ofNullable(told.get(name))
                .or(() -> here.apply(name))
                .or(() -> assuming ? Optional.of(nobody(kind, Problems.plain(name))) : Optional.empty());
    }

    private long nobody(String kind, String name) {
        long id = nobodies.computeIfAbsent(kind + ' ' + name, _ -> FIRST_NOBODY + nobodies.size());
        notes.add(
                "the %s %s is not known here, and stands as number %d, which no caller has; accounts: {%ss: {%s: N}} in the table tells its number"
                        .formatted(kind, name, id, kind, name));
        return id;
    }

    /** A text that is not here, as a file's or a variable's; {@code what} names it. */
    Optional<String> unknown(String what) {
        if (!assuming) {
            return Optional.empty();
        }
        notes.add(what + " is not here, and '" + UNKNOWN + "' stands in for it");
        return Optional.of(UNKNOWN);
    }

    /** A token for each file, whether the file is here or not: what it holds decides nothing, only that a caller has it. */
    static Map<Path, BearerToken> tokens(List<Located<Path>> files) {
        Map<Path, BearerToken> tokens = new HashMap<>();
        files.forEach(file ->
                tokens.put(file.value(), BearerToken.of(file.value().toString().getBytes(StandardCharsets.UTF_8))));
        return tokens;
    }
}

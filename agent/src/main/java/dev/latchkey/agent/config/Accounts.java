package dev.latchkey.agent.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The users and groups of this machine that its own files list; those of a directory service are known by number only. */
public final class Accounts {
    private static final int ID = 2;
    private static final int PRIMARY = 3;
    private static final int MEMBERS = 3;
    private static final int HOME = 5;

    private final Map<String, Long> users = new HashMap<>();
    private final Map<String, Long> groups = new HashMap<>();
    private final Map<Long, Path> homes = new HashMap<>();
    private final Map<Long, Membership> memberships = new HashMap<>();
    private final Map<Long, Set<String>> members = new HashMap<>();

    private Accounts() {}

    /** From {@code /etc/passwd} and {@code /etc/group}; a missing file has nobody in it. */
    public static Accounts ofThisMachine() {
        return parse(lines(Path.of("/etc/passwd")), lines(Path.of("/etc/group")));
    }

    /** From lines of passwd(5) and group(5); the first of a name counts, what is not such a line does not. */
    public static Accounts parse(List<String> passwd, List<String> group) {
        Accounts accounts = new Accounts();
        List<String[]> groupLines =
                group.stream().map(line -> line.split(":", -1)).toList();
        passwd.stream().map(line -> line.split(":", -1)).forEach(fields -> accounts.addUser(fields, groupLines));
        groupLines.forEach(accounts::addGroup);
        return accounts;
    }

    public Optional<Long> uid(String user) {
        return Optional.ofNullable(users.get(user));
    }

    public Optional<Long> gid(String group) {
        return Optional.ofNullable(groups.get(group));
    }

    /** Whether a group with that number is listed. */
    public boolean hasGroup(long gid) {
        return groups.containsValue(gid);
    }

    public Optional<Path> home(long uid) {
        return Optional.ofNullable(homes.get(uid));
    }

    /** The users that are in a group, whether it is their primary one or lists them, in the order of the files; those that it lists need not be users. */
    public List<String> members(long gid) {
        return members.getOrDefault(gid, new LinkedHashSet<>()).stream().toList();
    }

    /** What a login gives that user; absent if it is not listed. */
    public Optional<Membership> membership(long uid) {
        return Optional.ofNullable(memberships.get(uid));
    }

    /**
     * The groups of a user.
     *
     * @param gid the primary one
     * @param groups supplementary ones, the primary one among them as after a login, ascending
     */
    public record Membership(long gid, List<Long> groups) {
        public Membership {
            groups = groups.stream().sorted().distinct().toList();
        }
    }

    private static Membership membership(String user, long gid, List<String[]> groupLines) {
        Stream<Long> others = groupLines.stream()
                .filter(fields -> fields.length > MEMBERS)
                .filter(fields -> List.of(fields[MEMBERS].split(",", -1)).contains(user))
                .flatMap(fields -> id(fields[ID]).stream());
        return new Membership(gid, Stream.concat(Stream.of(gid), others).toList());
    }

    private void addUser(String[] fields, List<String[]> groupLines) {
        if (fields.length > HOME) {
            id(fields[ID]).ifPresent(uid -> {
                id(fields[PRIMARY]).ifPresent(gid -> {
                    memberships.putIfAbsent(uid, membership(fields[0], gid, groupLines));
                    members(gid, Stream.of(fields[0]));
                });
                users.putIfAbsent(fields[0], uid);
                if (fields[HOME].startsWith("/")) {
                    homes.putIfAbsent(uid, Path.of(fields[HOME]));
                }
            });
        }
    }

    private void addGroup(String[] fields) {
        if (fields.length > ID) {
            id(fields[ID]).ifPresent(gid -> {
                groups.putIfAbsent(fields[0], gid);
                members(gid, Stream.of(fields).skip(MEMBERS).flatMap(names -> Stream.of(names.split(",", -1))));
            });
        }
    }

    private void members(long gid, Stream<String> names) {
        names.filter(name -> !name.isEmpty())
                .forEach(name ->
                        members.computeIfAbsent(gid, _ -> new LinkedHashSet<>()).add(name));
    }

    private static Optional<Long> id(String field) {
        return field.matches("[0-9]{1,10}") ? Optional.of(Long.valueOf(field)) : Optional.empty();
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.ISO_8859_1) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}

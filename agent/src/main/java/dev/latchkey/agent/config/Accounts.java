package dev.latchkey.agent.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    private static final int ID_DIGITS = 10;

    private final Map<String, Long> users = new HashMap<>();
    private final Map<String, Long> groups = new HashMap<>();
    private final Map<Long, Path> homes = new HashMap<>();
    private final Map<Long, Login> logins = new HashMap<>();
    private final Map<Long, Set<String>> members = new HashMap<>();
    private final List<String[]> groupLines;

    private Accounts(List<String[]> groupLines) {
        this.groupLines = groupLines;
    }

    /** What passwd(5) says of a user. */
    private record Login(String name, long gid) {}

    /** From {@code /etc/passwd} and {@code /etc/group}; a missing file has nobody in it. */
    public static Accounts ofThisMachine() {
        return parse(lines(Path.of("/etc/passwd")), lines(Path.of("/etc/group")));
    }

    /** From lines of passwd(5) and group(5); the first of a name counts, what is not such a line does not. */
    public static Accounts parse(List<String> passwd, List<String> group) {
        Accounts accounts = new Accounts(fields(group));
        fields(passwd).forEach(accounts::addUser);
        accounts.groupLines.forEach(accounts::addGroup);
        return accounts;
    }

    private static List<String[]> fields(List<String> lines) {
        List<String[]> all = new ArrayList<>(lines.size());
        for (String line : lines) {
            all.add(line.split(":", -1));
        }
        return all;
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
        return Optional.ofNullable(logins.get(uid)).map(this::membership);
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

    private Membership membership(Login login) {
        Stream<Long> others = groupLines.stream()
                .filter(fields -> fields.length > MEMBERS)
                .filter(fields -> List.of(fields[MEMBERS].split(",", -1)).contains(login.name()))
                .flatMap(fields -> id(fields[ID]).stream());
        return new Membership(
                login.gid(), Stream.concat(Stream.of(login.gid()), others).toList());
    }

    private void addUser(String[] fields) {
        if (fields.length > HOME) {
            id(fields[ID]).ifPresent(uid -> {
                id(fields[PRIMARY]).ifPresent(gid -> {
                    logins.putIfAbsent(uid, new Login(fields[0], gid));
                    addMember(gid, fields[0]);
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
                for (int i = MEMBERS; i < fields.length; i++) {
                    addMembers(gid, fields[i]);
                }
            });
        }
    }

    private void addMembers(long gid, String names) {
        for (String name : names.split(",", -1)) {
            addMember(gid, name);
        }
    }

    private void addMember(long gid, String name) {
        if (!name.isEmpty()) {
            members.computeIfAbsent(gid, _ -> new LinkedHashSet<>()).add(name);
        }
    }

    private static Optional<Long> id(String field) {
        return isId(field) ? Optional.of(Long.valueOf(field)) : Optional.empty();
    }

    private static boolean isId(String field) {
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) < '0' || field.charAt(i) > '9') {
                return false;
            }
        }
        return !field.isEmpty() && field.length() <= ID_DIGITS;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.ISO_8859_1) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}

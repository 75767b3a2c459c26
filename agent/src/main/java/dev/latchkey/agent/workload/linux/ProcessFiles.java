package dev.latchkey.agent.workload.linux;

import dev.latchkey.agent.workload.Attested;
import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.ControlGroup;
import dev.latchkey.agent.workload.ProcessFacts;
import dev.latchkey.agent.workload.Sha256;
import dev.latchkey.agent.workload.linux.Pin.Connector;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;

/**
 * What {@code /proc/PID} says of a caller. INVARIANT: the pidfd is asked before and after each reading, and what was read counts only if
 * the process lived at both times: then its number cannot have been another's in between.
 */
final class ProcessFiles implements ProcessFacts {
    private static final int CHUNK = 64 * 1024;
    private static final Pattern WHITE_SPACE = Pattern.compile("\\s+");
    private static final long ROOT = 0;
    private static final Path PROC = Path.of("/proc");

    private final Connector connector;
    private final Path proc;
    private final boolean visible;
    private final BooleanSupplier alive;

    /**
     * @param alive whether the process that connected has not ended
     */
    ProcessFiles(Connector connector, BooleanSupplier alive) {
        this(PROC, connector, alive);
    }

    ProcessFiles(Path proc, Connector connector, BooleanSupplier alive) {
        this.connector = connector;
        this.proc = proc;
        this.visible = connector.caller().hasPid();
        this.alive = alive;
    }

    private Path folder() {
        return proc.resolve(Integer.toString(connector.caller().pid()));
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    /**
     * SECURITY: the kernel lets nobody but root have a group that is not theirs, save by an executable that is set-group-id. Whoever is in the group
     * by a login or {@code newgrp} has it among the supplementary ones or as the real one, and cannot give that up.
     */
    @Override
    public Attested<Long> launcher() {
        Caller caller = connector.caller();
        if (connector.launcherGroup().isEmpty()) {
            return new Attested.Absent<>("the socket " + caller.listener() + " is not a launcher's alone");
        }
        long group = connector.launcherGroup().get();
        if (caller.uid() == ROOT) {
            return new Attested.Absent<>("root can be in any group, and so proves nothing");
        }
        if (caller.gid() != group || caller.groups().contains(group)) {
            return new Attested.Absent<>("the caller had not the launcher's group from its executable alone");
        }
        return whileAlive("groups", this::groups)
                .part(
                        groups -> Optional.of(group).filter(launchers -> !groups.contains(launchers)),
                        "the caller did not give up the launcher's group");
    }

    /** Real, effective, saved, of the file system, and supplementary. */
    private Set<Long> groups() throws IOException {
        List<String> lines = Files.readAllLines(folder().resolve("status"), StandardCharsets.ISO_8859_1);
        Set<Long> groups = new HashSet<>();
        for (String name : List.of("Gid:", "Groups:")) {
            String line = lines.stream()
                    .filter(one -> one.startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no line " + name));
            WHITE_SPACE
                    .splitAsStream(line.substring(name.length()))
                    .filter(word -> !word.isEmpty())
                    .map(Long::valueOf)
                    .forEach(groups::add);
        }
        return groups;
    }

    @Override
    public Attested<ControlGroup> controlGroup() {
        return whileAlive(
                        "control group",
                        () -> Files.readString(folder().resolve("cgroup"), StandardCharsets.ISO_8859_1))
                .part(ControlGroup::parse, "the caller's control group lies outside of what the agent sees");
    }

    @Override
    public Attested<Boolean> runs(Path file) {
        return whileAlive("executable", () -> isExecutable(file));
    }

    /** A path that leads nowhere is nobody's executable. */
    private boolean isExecutable(Path file) throws IOException {
        Map<String, Object> actual = identity(folder().resolve("exe"));
        try {
            return actual.equals(identity(file));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static Map<String, Object> identity(Path file) throws IOException {
        return Files.readAttributes(file, "unix:dev,ino");
    }

    @Override
    public Attested<Sha256> executableHash() {
        return whileAlive("executable", () -> hash(folder().resolve("exe")));
    }

    private static Sha256 hash(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] chunk = new byte[CHUNK];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
            }
            return new Sha256(HexFormat.of().formatHex(digest.digest()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private <T> Attested<T> whileAlive(String what, Reading<T> reading) {
        if (!visible) {
            return new Attested.Absent<>("a caller without a pid has no " + what + " that can be seen");
        }
        if (!alive.getAsBoolean()) {
            return ended();
        }
        Attested<T> read;
        try {
            read = new Attested.Known<>(reading.read());
        } catch (IOException e) {
            read = new Attested.Unknown<>("the caller's " + what + " cannot be read");
        }
        return alive.getAsBoolean() ? read : ended();
    }

    private static <T> Attested<T> ended() {
        return new Attested.Unknown<>("the caller ended while it was being attested");
    }
}

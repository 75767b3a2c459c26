package dev.latchkey.agent.workload.linux;

import dev.latchkey.agent.workload.Attested;
import dev.latchkey.agent.workload.ControlGroup;
import dev.latchkey.agent.workload.ProcessFacts;
import dev.latchkey.agent.workload.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What {@code /proc/PID} says of a caller. INVARIANT: the pidfd is asked before and after each reading, and what was read counts only if
 * the process lived at both times: then its number cannot have been another's in between.
 */
final class ProcessFiles implements ProcessFacts {
    private static final int CHUNK = 64 * 1024;

    private final Path folder;
    private final boolean visible;
    private final BooleanSupplier alive;

    /**
     * @param pid 0 if it cannot be seen from here
     * @param alive whether the process that this pid was learnt of has not ended
     */
    ProcessFiles(int pid, BooleanSupplier alive) {
        this(Path.of("/proc"), pid, alive);
    }

    ProcessFiles(Path proc, int pid, BooleanSupplier alive) {
        this.folder = proc.resolve(Integer.toString(pid));
        this.visible = pid != 0;
        this.alive = alive;
    }

    private interface Reading<T> {
        T read() throws IOException;
    }

    @Override
    public Attested<ControlGroup> controlGroup() {
        return whileAlive(
                        "control group", () -> Files.readString(folder.resolve("cgroup"), StandardCharsets.ISO_8859_1))
                .part(ControlGroup::parse, "the caller's control group lies outside of what the agent sees");
    }

    @Override
    public Attested<Boolean> runs(Path file) {
        return whileAlive("executable", () -> isExecutable(file));
    }

    /** A path that leads nowhere is nobody's executable. */
    private boolean isExecutable(Path file) throws IOException {
        Map<String, Object> actual = identity(folder.resolve("exe"));
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
        return whileAlive("executable", () -> hash(folder.resolve("exe")));
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

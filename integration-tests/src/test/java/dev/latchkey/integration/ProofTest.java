package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A launcher with a group of its own: what it proves, and that nobody else can (T2, T14).
 *
 * <p>Such a launcher knows only the sockets below {@code /run/latchkey}, so agent and launchers live in a mount namespace with a {@code /run}, and a list
 * of groups, of their own.
 */
final class ProofTest {
    private static final int FLOW = 54031;
    private static final int OTHER = 54032;
    private static final int GROUP = 54130;
    private static final String PROOF = "/run/latchkey/proof/agent.sock";
    private static final String SURROUNDINGS = """
            mount -t tmpfs -o mode=0755 tmpfs /run && mkdir /run/latchkey /run/user && mount --bind "$1" /etc/group && shift && exec "$@"
            """;

    private static TestAgent agent = TestAgent.prepared();
    private static Canary value = Canary.random();

    @BeforeAll
    static void startAgent() throws Exception {
        if (Machine.uid() != 0 || !Machine.has("unshare")) {
            return;
        }
        agent.openedToOthers();
        Path groups = agent.write("group", Files.readString(Path.of("/etc/group")) + """
                latchkey-launch:x:%d:
                latchkey-crowd:x:54131:root
                """.formatted(GROUP));
        Files.setPosixFilePermissions(groups, PosixFilePermissions.fromString("rw-r--r--"));
        copy("/usr/bin/printenv", "tool", 0, 0755);
        agent.configured("""
                sockets:
                  - {name: main, path: %1$s, mode: "0666"}
                  - {name: proof, path: %2$s, mode: "0660", group: %3$d}
                workloads:
                  - {name: work, match: {uid: %4$d, command: [/usr/bin/printenv, %5$s/ours/script], args: [V]}, allow: ["store:work"]}
                  - {name: shell, match: {uid: %4$d, command: /bin/sh, args: any}, allow: ["store:work"]}
                  - {name: hashed, match: {uid: %4$d, command: %5$s/tool, command-sha256: %6$s, args: [V]}, allow: ["store:work"]}
                  - {name: exe, match: {uid: %7$d, exe: %5$s/bin/launcher}, allow: ["store:work"]}
                """.formatted(
                                agent.socket(),
                                PROOF,
                                GROUP,
                                FLOW,
                                agent.folder(),
                                sha256(agent.folder().resolve("tool")),
                                OTHER))
                .startedBy("unshare", "--mount", "sh", "-c", SURROUNDINGS, "sh", groups.toString())
                .start();
        value = agent.put("work");
        Files.createDirectory(agent.folder().resolve("bin"));
        Files.setPosixFilePermissions(agent.folder().resolve("bin"), PosixFilePermissions.fromString("rwxr-xr-x"));
        install(launcher()).succeeds();
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    @BeforeEach
    void rootOnly() {
        Machine.needsRoot();
        Machine.needs("setpriv");
        Machine.needs("unshare");
        Machine.needs("nsenter");
    }

    // ---- installing ----

    @Test
    void installsOnceAndSaysWhatToConfigure() throws IOException {
        Path place = agent.folder().resolve("bin/another");
        install(place.toString()).succeeds().prints("""
                        installed %s: owner root, group latchkey-launch, mode 02755

                        In agent.yaml it needs a socket of its group, in a folder of its own:

                        sockets:
                          - {name: proof, path: /run/latchkey/proof/agent.sock, mode: "0660", group: latchkey-launch}

                        An agent that does not run as root needs the group to give it to the socket; in its unit:

                        [Service]
                        SupplementaryGroups=latchkey-launch
                        """.formatted(place));
        assertEquals(02755, (int) Files.getAttribute(place, "unix:mode") & 07777);
        assertEquals(GROUP, Files.getAttribute(place, "unix:gid"));
        assertEquals(-1, Files.mismatch(place, Path.of(Machine.LAUNCHER)));
        Finished again = install("--group", "" + GROUP, "--format", "json", place.toString());
        assertEquals(
                "unchanged", Json.parse(again.succeeds().output()).get("effect").asString(), again::toString);
    }

    @Test
    void installsNothingThatWouldProveNothing() {
        install("--group", "latchkey-nobodys", launcher())
                .exits(1)
                .says("there is no group latchkey-nobodys", "groupadd --system latchkey-nobodys");
        install("--group", "latchkey-crowd", launcher()).exits(1).says("has members, who could pretend");
        install("/tmp/launcher").exits(1).says("lies in /tmp, which others than root can change");
        inside(List.of(
                        "sh",
                        "-c",
                        "mkdir /run/plain && mount -t tmpfs -o nosuid,mode=755 tmpfs /run/plain && exec \"$@\"",
                        "sh",
                        Machine.AGENT,
                        "install-launcher",
                        "/run/plain/launcher"))
                .run()
                .exits(1)
                .says("mounted nosuid");
    }

    // ---- being served ----

    @Test
    void servesTheCommandOfARuleAndNoOther() {
        assertServed(launch("--secret", "V=work", "--", "/usr/bin/printenv", "V"));
        // The search finds the same path.
        assertServed(launch("--secret", "V=work", "--", "printenv", "V"));
        launch("--secret", "V=work", "--", "/usr/bin/printenv").refuses(121, "V=work: denied by policy");
        launch("--secret", "V=work", "--", "/usr/bin/printenv", "V", "").refuses(121, "V=work");
        launch("--secret", "V=work", "--", "/usr/bin/env").refuses(121, "V=work");
        launch("--secret", "V=work", "--", "/usr/bin/../bin/printenv", "V").refuses(121, "V=work");
        launch("--secret", "V=work", "--", "/bin/sh", "-c", "exit 7").exits(7);
        Finished planned = launch("--secret", "V=work", "--dry-run", "--format", "json", "--", "printenv", "V");
        assertEquals(
                "work",
                Json.parse(planned.succeeds().output()).get(0).get("rule").asString(),
                planned::toString);
        launch("--secret", "V=work", "--dry-run", "--", "printenv").exits(121);
        launch("--check").succeeds();
    }

    /** What only a SUPPLY can ask for carries the proof as a REQUEST does. */
    @Test
    void servesTheCommandOfARuleWithFilesToo() {
        Finished served = launch("--secret-file", "V=work", "--", "/usr/bin/printenv", "V")
                .succeeds();
        assertTrue(served.output().startsWith("/proc/"), served::toString);
        launch("--secret-file", "V=work", "--", "/usr/bin/env").refuses(121, "denied by policy");
    }

    private static void assertServed(Finished finished) {
        byte[] line = Arrays.copyOf(value.bytes(), value.bytes().length + 1);
        line[line.length - 1] = '\n';
        // Compared without showing.
        assertTrue(Arrays.equals(line, finished.succeeds().out()), "the value was not delivered as it is");
    }

    @Test
    void servesTheCommandOfThatContentOnly() throws Exception {
        assertServed(launch("--secret", "V=work", "--", agent.folder() + "/tool", "V"));
        copy("/usr/bin/env", "tool", 0, 0755);
        launch("--secret", "V=work", "--", agent.folder() + "/tool", "V").refuses(121, "V=work");
        copy("/usr/bin/printenv", "tool", 0, 0755);
        assertServed(launch("--secret", "V=work", "--", agent.folder() + "/tool", "V"));
    }

    @Test
    void knowsTheLauncherByItsExecutable() throws Exception {
        launchAs(OTHER, OTHER, "", launcher(), "--secret", "V=work", "--", "true")
                .succeeds();
        String same = agent.folder() + "/bin/same";
        install(same).succeeds();
        launchAs(OTHER, OTHER, "", same, "--secret", "V=work", "--", "true").refuses(121, "V=work");
    }

    @Test
    void takesNothingFromItsUserThatChangesHowTheCommandRuns() {
        String[] shell = {"--secret", "V=work", "--", "/bin/sh", "-c", "export -p; echo \"PATH is ${PATH-unset}\""};
        List<String> words = new ArrayList<>(List.of(launcher()));
        words.addAll(List.of(shell));
        String shown = inside(List.of(Machine.as(FLOW, FLOW, "", words.toArray(String[]::new))))
                .env("LD_PRELOAD", "/nonexistent.so")
                .env("GIT_CONFIG_COUNT", "1")
                .env("BASH_FUNC_ls%%", "() { id; }")
                .env("PYTHONPATH", "/home")
                .env("LATCHKEY_SOCKET", "/nonexistent")
                .env("LATCHKEY_TOKEN_FILE", "/nonexistent")
                .env("LATCHKEY_AGENT_USER", "nobody-of-that-name")
                .env("KEPT", "yes")
                .run()
                .succeeds()
                .output();
        for (String name : new String[] {"LD_PRELOAD", "GIT_CONFIG", "BASH_FUNC", "PYTHONPATH", "LATCHKEY_TOKEN"}) {
            assertFalse(shown.contains(name), name);
        }
        assertTrue(shown.contains("KEPT"), "an ordinary variable is gone");
        assertFalse(shown.contains("PATH is " + System.getenv("PATH") + "\n"), "the user's PATH is there");
    }

    @Test
    void setsNoDangerousNameForItsUser() {
        String refused = "is a dangerous name, which a launcher with a group of its own does not set";
        launch("--secret", "V=work", "--env", "LD_PRELOAD=/x.so", "--", "printenv", "V")
                .refuses(125, refused);
        launch("--allow-dangerous-name", "--secret", "PATH=work,default=/home", "--", "printenv", "V")
                .refuses(125, refused);
        launch("--socket", agent.socket().toString(), "--secret", "V=work", "--", "printenv", "V")
                .refuses(125, "--socket is not for a launcher that has rights of its own");
    }

    @Test
    void runsNothingThatItsUserCanChange() throws Exception {
        Path own = Files.createDirectory(agent.folder().resolve("own"));
        Files.setAttribute(own, "unix:uid", FLOW);
        copy("/usr/bin/printenv", "own/tool", 0, 0755);
        launch("--secret", "V=work", "--", own + "/tool", "V").refuses(126, "its user can change " + own);
        copy("/usr/bin/printenv", "theirs", FLOW, 0555);
        String theirs = agent.folder() + "/theirs";
        launch("--secret", "V=work", "--", theirs, "V").refuses(126, "its user can change " + theirs);
        copy("/usr/bin/printenv", "everybodys", 0, 0757);
        launch("--secret", "V=work", "--", agent.folder() + "/everybodys", "V").refuses(126, "its user can change");
        Files.createSymbolicLink(own.resolve("link"), Path.of("/usr/bin/printenv"));
        Files.createSymbolicLink(agent.folder().resolve("chain"), own.resolve("link"));
        launch("--secret", "V=work", "--", agent.folder() + "/chain", "V").refuses(126, "its user can change " + own);
    }

    @Test
    void runsNoScriptAndSaysWhatToDo() throws Exception {
        Path folder = Files.createDirectory(agent.folder().resolve("ours"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path script = Files.writeString(folder.resolve("script"), "#!/bin/sh\necho ran\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        launch("--secret", "V=work", "--", script.toString(), "V")
                .refuses(126, "a script cannot be proved", "hint: name its interpreter as the command, and pin args");
        // Who asks for nothing has nothing to prove.
        launch("--", script.toString()).succeeds().prints("ran\n");
    }

    // ---- nobody else ----

    @Test
    void theSameUserWithoutTheGroupCannotConnect() {
        launchAs(
                        FLOW,
                        FLOW,
                        "",
                        agent.launcherForOthers(),
                        "--socket",
                        PROOF,
                        "--secret",
                        "V=work",
                        "--",
                        "printenv",
                        "V")
                .refuses(120, "permission denied");
        String[] main = {"--secret", "V=work", "--", "printenv", "V"};
        agent.launchAs(FLOW, FLOW, "", main).refuses(121, "V=work");
    }

    /** Says that it becomes what the rule asks for, hashes and all. */
    private static final String FORGER = """
            import hashlib, os, socket, sys
            tool, uid, gid, groups = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
            os.setgroups([int(g) for g in groups.split(',') if g])
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            field = lambda tag, value: tag.to_bytes(2, 'big') + len(value).to_bytes(4, 'big') + value
            body = field(0x8001, (10000).to_bytes(4, 'big'))
            proof = hashlib.sha256(open(tool, 'rb').read()).digest() + hashlib.sha256(b'V\\0').digest() + tool.encode()
            body += field(12, proof) + field(0x8010, b'\\1\\0\\0\\1Vwork')
            s = socket.socket(socket.AF_UNIX)
            s.connect('%s')
            s.sendall(b'LKEY\\1\\0\\1\\0' + len(body).to_bytes(4, 'big') + body)
            header = s.recv(12, socket.MSG_WAITALL)
            answer = s.recv(8, socket.MSG_WAITALL)
            print(header[6], int.from_bytes(answer[6:8], 'big') if header[6] == 3 else 0)
            """.formatted(PROOF);

    @Test
    void aMemberOfTheGroupCannotPretendToBeTheLauncher() {
        String[][] members = {{"" + FLOW, "" + GROUP}, {"" + GROUP, ""}, {"" + GROUP, "" + GROUP}};
        for (String[] gidAndGroups : members) {
            Finished forged = inside(List.of(
                            Machine.python(),
                            "-c",
                            FORGER,
                            "/usr/bin/printenv",
                            "" + FLOW,
                            gidAndGroups[0],
                            gidAndGroups[1]))
                    .run()
                    .succeeds();
            assertEquals("3 12101", forged.output().strip(), forged::toString);
        }
        // The launcher of a member has the group also otherwise.
        launchAs(FLOW, FLOW, "" + GROUP, launcher(), "--secret", "V=work", "--", "printenv", "V")
                .refuses(121, "V=work");
    }

    @Test
    void rootProvesNothing() {
        launchAs(0, 0, "", launcher(), "--secret", "V=work", "--", "printenv", "V")
                .refuses(121, "V=work");
    }

    @Test
    void withoutNewPrivilegesTheLossIsSaid() {
        List<String> words = new ArrayList<>(List.of("setpriv", "--no-new-privs"));
        words.addAll(List.of(Machine.as(FLOW, FLOW, "", launcher(), "--secret", "V=work", "--", "printenv", "V")));
        Finished lost = inside(words).run();
        lost.refuses(120, "started without its group", "no_new_privs is set").tookUnder(Duration.ofSeconds(8));
        // Where it reaches an agent, it is denied and says the same.
        words.add(words.indexOf("--secret"), "--socket=" + agent.socket());
        inside(words).run().refuses(121, "V=work", "no_new_privs is set");
    }

    // ---- before and after the command runs ----

    /** Tries everything that shows another process, and prints what worked. */
    private static final String PRYING = """
            import ctypes, os, sys
            pid = int(sys.argv[1])
            libc = ctypes.CDLL(None, use_errno=True)
            worked = []
            def attempt(name, action):
                try:
                    action()
                    worked.append(name)
                except OSError:
                    pass
            def traced(request):
                if libc.ptrace(request, pid, 0, 0) != 0:
                    raise OSError(ctypes.get_errno(), 'ptrace')
                os.waitpid(pid, 0)
                libc.ptrace(17, pid, 0, 0)
            def copied():
                number = libc.syscall(438, libc.syscall(434, pid, 0), 0, 0)
                if number < 0:
                    raise OSError(ctypes.get_errno(), 'pidfd_getfd')
            attempt('mem', lambda: open('/proc/%d/mem' % pid, 'rb').close())
            for name in 'environ', 'maps', 'auxv', 'syscall':
                attempt(name, lambda: open('/proc/%d/%s' % (pid, name), 'rb').read(1))
            attempt('fd', lambda: os.listdir('/proc/%d/fd' % pid))
            attempt('exe', lambda: os.readlink('/proc/%d/exe' % pid))
            attempt('ptrace', lambda: traced(16))
            attempt('pidfd_getfd', copied)
            print(','.join(worked))
            """;

    @Test
    void nobodyOfTheSameUserLooksIntoTheLauncherButIntoTheCommand() throws Exception {
        agent.signal("STOP");
        Process launched;
        try {
            String[] words = {launcher(), "--secret", "V=work", "--", "/bin/sh", "-c", "exec sleep 30"};
            launched = inside(List.of(Machine.as(FLOW, FLOW, "", words))).start();
            long pid = launched.pid();
            Await.until("the launcher waits for the answer", () -> waitsForTheAgent(pid));
            assertEquals("", pryInto(pid));
            assertEquals(
                    "",
                    Files.readString(Path.of("/proc/" + pid + "/status"))
                            .lines()
                            .filter(line -> line.startsWith("Gid:") && line.contains("" + GROUP))
                            .findFirst()
                            .orElse(""));
            assertFalse(gcore(pid), "a core of the launcher");
        } finally {
            agent.signal("CONT");
        }
        try {
            Await.until("the command runs", () -> "sleep".equals(name(launched.pid())));
            // As the documents say: what runs is its user's to look into.
            assertEquals("mem,environ,maps,auxv,syscall,fd,exe,ptrace,pidfd_getfd", pryInto(launched.pid()));
            Command.of(Machine.as(FLOW, FLOW, "", "grep", "-qz", "^V=.", "/proc/" + launched.pid() + "/environ"))
                    .run()
                    .succeeds();
        } finally {
            launched.destroyForcibly();
        }
    }

    /** Whether it sleeps in poll, having become the launcher. */
    private static boolean waitsForTheAgent(long pid) {
        try {
            return name(pid).equals("launcher")
                    && Files.readString(Path.of("/proc/" + pid + "/wchan")).contains("poll");
        } catch (IOException e) {
            return false;
        }
    }

    private static String name(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/comm")).strip();
        } catch (IOException e) {
            return "";
        }
    }

    private static String pryInto(long pid) {
        return Command.of(Machine.as(FLOW, FLOW, "", Machine.python(), "-c", PRYING, "" + pid))
                .run()
                .succeeds()
                .output()
                .strip();
    }

    /** Whether gcore made a core; not tried where there is none. */
    private static boolean gcore(long pid) {
        Path core = agent.folder().resolve("own-core");
        return Machine.has("gcore")
                && Command.of(Machine.as(FLOW, FLOW, "", "gcore", "-o", core.toString(), "" + pid))
                                .run()
                                .status()
                        == 0;
    }

    // ---- T14: swapped and rewritten executables ----

    /** Replaces the command as fast as it can, alternately by the right file and another, until told to stop; prints how often. */
    private static final String SWAPPER = """
            import os, sys
            folder, right, wrong, least = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
            swaps = 0
            while swaps < least or not os.path.exists(folder + '/stop'):
                os.link(wrong if swaps % 2 == 0 else right, folder + '/next')
                os.rename(folder + '/next', folder + '/tool')
                swaps += 1
            os.rename(right, folder + '/tool')
            print(swaps)
            """;

    /** Writes into the command's file, which is its own, alternately the right bytes and others; prints how often. */
    private static final String WRITER = """
            import os, sys
            folder, right, wrong, least = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
            contents = [open(wrong, 'rb').read(), open(right, 'rb').read()]
            writes = 0
            while writes < least or not os.path.exists(folder + '/stop'):
                with open(folder + '/tool', 'r+b') as file:
                    file.write(contents[writes % 2])
                writes += 1
            print(writes)
            """;

    /** Launches that often, and prints how many got the value, were denied, were refused, and ran something else. */
    private static final String LAUNCHES = """
            import subprocess, sys
            launcher, tool, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
            served = denied = refused = other = 0
            for _ in range(times):
                run = subprocess.run([launcher, '--secret', 'V=work', '--', tool, 'V'], capture_output=True)
                said = run.stderr.startswith(b'launcher: ')
                served += run.returncode == 0 and len(run.stdout) > 1 and not run.stderr
                denied += run.returncode == 121 and said and not run.stdout
                refused += run.returncode == 126 and said and not run.stdout
                other += run.returncode not in (0, 121, 126) or (run.returncode != 0 and not said)
            print(served, denied, refused, other)
            """;

    @Test
    void nothingRunsUncheckedWhileItsFileIsSwapped() throws Exception {
        Tally tally = attacked("swapped", SWAPPER, 0);
        assertEquals(0, tally.other(), tally::toString);
        assertEquals(0, tally.refused(), tally::toString);
        assertTrue(tally.served() > 0 && tally.denied() > 0, tally::toString);
    }

    @Test
    void nothingRunsWhoseFileItsUserWritesInPlace() throws Exception {
        Tally tally = attacked("written", WRITER, FLOW);
        assertEquals(0, tally.other() + tally.served() + tally.denied(), tally::toString);
        assertTrue(tally.refused() > 0, tally::toString);
    }

    /** What came of launches under attack. */
    private record Tally(int attacks, int served, int denied, int refused, int other) {}

    /** The rule's file is that of an agent of its own, with the same namespace. */
    private static Tally attacked(String name, String attack, int owner) throws Exception {
        Path folder = Files.createDirectory(agent.folder().resolve(name));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        copy("/usr/bin/printenv", name + "/right", 0, 0755);
        copy("/usr/bin/env", name + "/wrong", 0, 0755);
        copy("/usr/bin/printenv", name + "/tool", owner, 0755);
        String rules = Files.readString(agent.configuration());
        agent.configured(rules.replace("command: " + agent.folder() + "/tool,", "command: " + folder + "/tool,"));
        reload();
        int attacks = Machine.full() ? 10_000 : 300;
        int launches = Machine.full() ? 2_000 : 60;
        CompletableFuture<Finished> attacker = inside(List.of(Machine.as(
                        owner,
                        owner,
                        "",
                        Machine.python(),
                        "-c",
                        attack,
                        folder.toString(),
                        folder + "/right",
                        folder + "/wrong",
                        "" + attacks)))
                .within(Duration.ofMinutes(10))
                .later();
        try {
            Finished launched = inside(List.of(Machine.as(
                            FLOW,
                            FLOW,
                            "",
                            Machine.python(),
                            "-c",
                            LAUNCHES,
                            launcher(),
                            folder + "/tool",
                            "" + launches)))
                    .within(Duration.ofMinutes(10))
                    .run()
                    .succeeds();
            Files.createFile(folder.resolve("stop"));
            int done = Integer.parseInt(attacker.get().succeeds().output().strip());
            String[] counts = launched.output().strip().split(" ", -1);
            Tally tally = new Tally(
                    done,
                    Integer.parseInt(counts[0]),
                    Integer.parseInt(counts[1]),
                    Integer.parseInt(counts[2]),
                    Integer.parseInt(counts[3]));
            System.out.println("T14 " + name + ": " + tally + " of " + launches + " launches");
            assertTrue(done >= attacks, tally::toString);
            return tally;
        } finally {
            if (!Files.exists(folder.resolve("stop"))) {
                Files.createFile(folder.resolve("stop"));
            }
            agent.configured(rules);
            reload();
        }
    }

    private static void reload() {
        String before = policyVersion();
        agent.signal("HUP");
        Await.until("another policy is in force", () -> !policyVersion().equals(before));
    }

    private static String policyVersion() {
        List<String> changes = agent.does("audit", "query", "--kind", "policy-changed", "--format", "json")
                .lines();
        return String.join("", changes);
    }

    // ---- tools ----

    private static String launcher() {
        return agent.folder() + "/bin/launcher";
    }

    private static Finished install(String... words) {
        List<String> all = new ArrayList<>(List.of(Machine.AGENT, "install-launcher"));
        all.addAll(List.of(words));
        return inside(all).run();
    }

    private static Finished launch(String... words) {
        List<String> all = new ArrayList<>(List.of(launcher()));
        all.addAll(List.of(words));
        return launchAs(FLOW, FLOW, "", all.toArray(String[]::new));
    }

    private static Finished launchAs(int uid, int gid, String groups, String... words) {
        return inside(List.of(Machine.as(uid, gid, groups, words))).run();
    }

    /** Where the agent sees {@code /run}. */
    private static Command inside(List<String> words) {
        List<String> all = new ArrayList<>(List.of("nsenter", "--mount", "--target", "" + agent.pid(), "--wd=/"));
        all.addAll(words);
        return Command.of(all);
    }

    /** A copy of a program, written beside and renamed. */
    private static void copy(String program, String name, int owner, int mode) throws IOException {
        Path beside = Files.copy(
                Path.of(program).toRealPath(),
                agent.folder().resolve(name + ".new"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.setAttribute(beside, "unix:uid", owner);
        Files.setAttribute(beside, "unix:mode", mode);
        Files.move(beside, agent.folder().resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}

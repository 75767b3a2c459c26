package dev.latchkey.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who a caller is found to be: by its control group, its token, its socket; and that nobody else can speak for it. */
final class AttestationTest {
    private static final int FLOW = 54011;
    private static final int OTHER = 54012;
    private static final int BUSY = 54013;
    private static final int TEAM = 54110;
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final String POD = "0f8fad5b-d9cb-469f-a165-70867728950e";
    private static final String TOKEN = "a-token-that-nobody-guesses";
    private static final String SLICE = "/latchkey" + ProcessHandle.current().pid() + ".slice";

    private static TestAgent agent = TestAgent.prepared();

    @BeforeAll
    static void startAgent() throws Exception {
        if (Machine.uid() != 0) {
            return;
        }
        agent.openedToOthers();
        Path token = agent.folder().resolve("agent.token");
        Files.writeString(token, TOKEN + "\n");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
        agent.configured("""
                sockets:
                  - {name: main, path: %s, mode: "0666"}
                  - {name: team, path: %s, mode: "0660", group: %d}
                workloads:
                  - {name: unit, match: {unit: web.service}, allow: ["store:unit"]}
                  - {name: container, match: {container: %s}, allow: ["store:container"]}
                  - {name: pod, match: {pod: %s}, allow: ["store:pod"]}
                  - {name: group, match: {cgroup: "%s/jobs-*"}, allow: ["store:group"]}
                  - {name: token, match: {token-file: %s, uid: %d}, allow: ["store:token"]}
                  - {name: team, match: {listener: team}, allow: ["store:team"]}
                  - {name: busy, match: {uid: %d}, allow: ["store:plain"], limits: {rate: 1/h}}
                  - {name: flow, match: {uid: %d, pin: strict}, allow: ["store:plain"]}
                """.formatted(
                                agent.socket(),
                                agent.folder().resolve("team/agent.sock"),
                                TEAM,
                                ID.substring(0, 12),
                                POD,
                                SLICE,
                                token,
                                FLOW,
                                BUSY,
                                FLOW))
                .start();
        for (String name : new String[] {"unit", "container", "pod", "group", "token", "team", "plain"}) {
            agent.put(name);
        }
    }

    @AfterAll
    static void stopAgent() {
        agent.close();
    }

    @BeforeEach
    void rootOnly() {
        Machine.needsRoot();
        Machine.needs("setpriv");
    }

    private static Finished launchIn(ControlGroupFolder groups, String group, String secret) {
        String[] launch =
                Machine.as(FLOW, FLOW, "", agent.launcherForOthers(), "--secret", "V=" + secret, "--", "true");
        return Command.of(groups.startingIn(group, launch))
                .env("LATCHKEY_SOCKET", agent.socket().toString())
                .run();
    }

    @Test
    void knowsTheUnit() {
        try (ControlGroupFolder groups = new ControlGroupFolder()) {
            launchIn(groups, SLICE + "/web.service", "unit").succeeds();
            launchIn(groups, SLICE + "/web.service/below", "unit").succeeds();
            launchIn(groups, SLICE + "/other.service", "unit").refuses(121, "V=unit");
            launchIn(groups, SLICE + "/other.service/web.service", "unit").refuses(121, "V=unit");
        }
    }

    @Test
    void knowsTheContainerAndThePodFromTheRootSide() {
        String pod = SLICE + "/kubepods.slice/kubepods-pod" + POD.replace('-', '_') + ".slice";
        try (ControlGroupFolder groups = new ControlGroupFolder()) {
            launchIn(groups, SLICE + "/docker-" + ID + ".scope", "container").succeeds();
            launchIn(groups, pod + "/cri-containerd-" + ID.replace('0', '1') + ".scope", "pod")
                    .succeeds();
            launchIn(groups, SLICE + "/user@1.service/docker-" + ID + ".scope", "container")
                    .refuses(121, "V=container");
            launchIn(groups, SLICE + "/docker-" + ID.replace('0', '1') + ".scope/docker/" + ID, "container")
                    .refuses(121, "V=container");
        }
    }

    @Test
    void knowsTheControlGroup() {
        try (ControlGroupFolder groups = new ControlGroupFolder()) {
            launchIn(groups, SLICE + "/jobs-7/inner", "group").succeeds();
            launchIn(groups, SLICE + "/other/jobs-7", "group").refuses(121, "V=group");
        }
    }

    @Test
    void knowsTheToken() throws Exception {
        Path right = tokenOf("right", TOKEN);
        Path wrong = tokenOf("wrong", TOKEN + "x");

        launch(FLOW, "--token-file", right.toString(), "--secret", "V=token").succeeds();
        launch(FLOW, "--token-file", wrong.toString(), "--secret", "V=token").refuses(121, "V=token");
        launch(FLOW, "--secret", "V=token").refuses(121, "V=token");
        launch(OTHER, "--token-file", tokenOf("others", TOKEN, OTHER).toString(), "--secret", "V=token")
                .refuses(121, "V=token");
        // It says nothing where no rule asks.
        launch(FLOW, "--token-file", wrong.toString(), "--secret", "V=plain").succeeds();
    }

    @Test
    void takesTheTokenFileFromTheVariableAndRefusesABadOne() throws Exception {
        String[] words = Machine.as(FLOW, FLOW, "", agent.launcherForOthers(), "--secret", "V=token", "--", "true");
        Command.of(words)
                .env("LATCHKEY_SOCKET", agent.socket().toString())
                .env("LATCHKEY_TOKEN_FILE", tokenOf("variable", TOKEN).toString())
                .run()
                .succeeds();
        String none = agent.folder().resolve("none").toString();
        launch(FLOW, "--token-file", none, "--secret", "V=token")
                .refuses(125, "argument 2: the token file: no such file");
        launch(FLOW, "--token-file", none).succeeds();
    }

    private static Path tokenOf(String name, String content) throws Exception {
        return tokenOf(name, content, FLOW);
    }

    private static Path tokenOf(String name, String content, int uid) throws Exception {
        Path file = agent.folder().resolve(name + ".token");
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        Files.setAttribute(file, "unix:uid", uid);
        return file;
    }

    private static Finished launch(int uid, String... words) {
        List<String> all = new ArrayList<>(Arrays.asList(words));
        all.addAll(List.of("--", "true"));
        return agent.launchAs(uid, uid, "", all.toArray(String[]::new));
    }

    @Test
    void aSocketInAFolderOfItsOwnIsAnIdentity() {
        String team = agent.folder().resolve("team/agent.sock").toString();

        agent.launchAs(OTHER, OTHER, "" + TEAM, "--socket", team, "--secret", "V=team", "--", "true")
                .succeeds();
        agent.launchAs(OTHER, OTHER, "", "--socket", team, "--secret", "V=team", "--", "true")
                .refuses(120);
        agent.launchAs(OTHER, OTHER, "" + TEAM, "--secret", "V=team", "--", "true")
                .refuses(121, "V=team");
    }

    @Test
    void aRuleLimitsHowOftenItIsUsed() {
        launch(BUSY, "--wait", "0", "--secret", "V=plain").succeeds();
        launch(BUSY, "--wait", "0", "--secret", "V=plain").refuses(123, "too many requests for this workload");
        launch(FLOW, "--wait", "0", "--secret", "V=plain").succeeds();
    }

    /** Sends the request given in hexadecimal digits in pieces: each by {@code self}, by a {@code child}, or by one of another {@code user}. */
    private static final String SENDER = """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX)
            s.connect(sys.argv[1])
            frame = bytes.fromhex(sys.argv[2])
            who = sys.argv[3:]
            size = -(-len(frame) // len(who))
            for i, sender in enumerate(who):
                piece = frame[i * size:(i + 1) * size]
                if sender == 'self':
                    s.sendall(piece)
                    continue
                if os.fork() == 0:
                    if sender == 'user':
                        os.setuid(%d)
                    try:
                        s.sendall(piece)
                    except OSError:
                        pass
                    os._exit(0)
                os.wait()
            header = s.recv(12, socket.MSG_WAITALL)
            body = s.recv(8, socket.MSG_WAITALL)
            print(header[6], int.from_bytes(body[6:8], 'big') if header[6] == 3 else 0)
            """.formatted(OTHER);

    @Test
    void onlyTheProcessThatConnectedSpeaksForItself() {
        assertAnswer("2 0", "self");
        assertAnswer("3 12103", "child");
        assertAnswer("3 12103", "user");
        assertAnswer("3 12103", "self", "child");
        assertAnswer("3 12103", "self", "self", "child");
        assertAnswer("2 0", "self", "self", "self");
    }

    private static void assertAnswer(String expected, String... who) {
        List<String> words = new ArrayList<>(List.of(
                Machine.python(),
                "-c",
                SENDER,
                agent.socket().toString(),
                HexFormat.of().formatHex(request())));
        words.addAll(List.of(who));
        // The child that becomes another user must be able to.
        Finished answer = Command.of(
                        List.of(who).contains("user")
                                ? words.toArray(String[]::new)
                                : Machine.as(FLOW, FLOW, "", words.toArray(String[]::new)))
                .run()
                .succeeds();
        assertEquals(expected, answer.output().strip(), answer::toString);
    }

    /** For the secret that the flow user may have. */
    private static byte[] request() {
        byte[] reference = "plain".getBytes(StandardCharsets.UTF_8);
        ByteBuffer body = ByteBuffer.allocate(256);
        body.putShort((short) 0x8001).putInt(4).putInt(10_000);
        body.putShort((short) 0x8010).putInt(5 + reference.length);
        body.put((byte) 1).put((byte) 0).putShort((short) 1).put((byte) 'V').put(reference);
        body.flip();
        ByteBuffer frame = ByteBuffer.allocate(12 + body.limit());
        frame.put(new byte[] {'L', 'K', 'E', 'Y', 1, 0, 1, 0})
                .putInt(body.limit())
                .put(body);
        return frame.array();
    }

    @Test
    void refusalsOfForeignSendersAreInTheAuditLog() {
        assertAnswer("3 12103", "child");
        Finished query = agent.does("audit", "query", "--kind", "rejected", "--format", "json");
        assertTrue(query.output().contains("sent by another process"), query::toString);
    }

    @Test
    void statusShowsWhatTheMachineCanDo() {
        Finished status = agent.does("status", "--format", "json");
        List<String> names = new ArrayList<>();
        Json.parse(status.output())
                .get("probes")
                .forEach(probe -> names.add(probe.get("name").asString()));
        assertTrue(
                names.containsAll(List.of(
                        "pin", "sender", "descriptors", "proc", "cgroup", "executables", "proof", "secret-memory")),
                names::toString);
    }

    @Test
    void doesNotStartWithRulesThatNeedWhatIsLackingAndNamesThemAll() {
        try (TestAgent lacking = TestAgent.prepared()) {
            lacking.configured("""
                sockets: [{name: main, path: %s, mode: "0660", group: %d}]
                workloads:
                  - {name: app, match: {exe: /usr/bin/app}, allow: ["store:**"]}
                  - {name: job, match: {uid: 1, exe-sha256: %s}, allow: ["store:**"]}
                """.formatted(lacking.socket(), TEAM, ID))
                    .startedBy("setpriv", "--bounding-set", "-sys_ptrace");
            lacking.runCommand()
                    .run()
                    .exits(1)
                    .says(
                            ":3:24: workload 'app' asks for exe, which needs to look at the executables of processes that may not be traced",
                            ":4:24: workload 'job' asks for exe-sha256, which needs to look at the executables of processes that may not be traced",
                            "the agent lacks CAP_SYS_PTRACE");
            // On another machine it may be right.
            lacking.does("config", "check");
        }
    }

    @Test
    void explainsASupposedCallerWithAllSelectors() {
        agent.does("explain", "--uid", "1", "--unit", "web.service", "unit");
        agent.does("explain", "--uid", "1", "--pod", POD, "--container", ID.replace('0', '1'), "pod");
        agent.does(
                "explain",
                "--uid",
                "" + FLOW,
                "--token-file",
                agent.folder().resolve("agent.token").toString(),
                "token");
        agent.does("explain", "--uid", "1", "--listener", "team", "team");
        Finished denied = agent.admin(
                        "explain", "--uid", "" + FLOW, "--weak-pin", "--unit", "x.service", "--format", "json", "unit")
                .run()
                .exits(1);
        String reason = Json.parse(denied.output()).get(0).get("reason").asString();
        for (String part : new String[] {
            "unit: unit x.service is not web.service",
            "token (1 of 2 failed): the caller has no token",
            "flow (1 of 2 failed): pin weak is not strict"
        }) {
            assertTrue(reason.contains(part), reason);
        }
        agent.admin("explain", "--uid", "1", "--listener", "nowhere", "unit")
                .run()
                .exits(1)
                .says("no such socket");
    }
}

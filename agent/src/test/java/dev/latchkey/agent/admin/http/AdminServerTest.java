package dev.latchkey.agent.admin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.admin.Access;
import dev.latchkey.agent.admin.AdminFixture;
import dev.latchkey.agent.admin.Role;
import dev.latchkey.agent.admin.RoleGrant;
import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.socket.SocketPlace;
import io.netty.channel.Channel;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The socket as its peers see it, byte by byte. */
class AdminServerTest {
    private final AdminFixture admin;

    AdminServerTest() throws IOException {
        admin = new AdminFixture(Duration.ofMillis(400), 3);
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(admin.socket));
        return channel;
    }

    private String exchange(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            send(channel, request);
            return readAll(channel);
        }
    }

    /** Who is turned away may have its answer, and its connection closed, before it has sent anything. */
    private static void send(SocketChannel channel, String request) throws IOException {
        try {
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("Broken pipe"), e.toString());
        }
    }

    /** The server closes after each answer, so this ends. */
    private static String readAll(SocketChannel channel) throws IOException {
        StringBuilder all = new StringBuilder();
        ByteBuffer piece = ByteBuffer.allocate(65536);
        try {
            while (channel.read(piece) >= 0) {
                all.append(StandardCharsets.ISO_8859_1.decode(piece.flip()));
                piece.clear();
            }
        } catch (IOException e) {
            // A reset after the answer: the rest of the request was not read.
            assertTrue(String.valueOf(e.getMessage()).contains("reset"), e.toString());
        }
        return all.toString();
    }

    private static String body(String response) {
        return response.substring(response.indexOf("\r\n\r\n") + 4);
    }

    private static String get(String target) {
        return "GET " + target + " HTTP/1.1\r\nhost: agent\r\n\r\n";
    }

    private static String put(String target, String value) {
        return "PUT " + target + " HTTP/1.1\r\nhost: agent\r\ncontent-type: application/octet-stream\r\n"
                + "content-length: " + value.length() + "\r\n\r\n" + value;
    }

    @Test
    void refusesAPeerWithoutARoleBeforeItSaysAnything() throws IOException {
        admin.as(AdminFixture.NOBODY);
        try (SocketChannel channel = connect()) {
            String answer = readAll(channel);
            assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
            assertEquals(
                    "{\"error\":{\"code\":\"forbidden\",\"message\":\"uid 1003 has no admin role\",\"hint\":"
                            + "\"root and the agent's own user are admin; the configuration's admin.roles gives roles to others\"}}",
                    body(answer));
        }
        assertEquals(
                List.of(new AuditEvent.AdminAction(new AuditEvent.Actor(42, 1003, 1003, "none"), "connect", "", false)),
                admin.audit.events);
    }

    @ParameterizedTest
    @CsvSource({
        "1002, PUT, /v1/secrets/a/value, secret put, default/default/a, editor, viewer",
        "1002, DELETE, /v1/secrets/a, secret delete, default/default/a, editor, viewer",
        "1001, POST, /v1/secrets/a/purge?version=2, secret purge, default/default/a@2, admin, editor",
        "1001, DELETE, /v1/projects/web, project delete, web, admin, editor",
        "1001, GET, /v1/store/backup, backup, '', admin, editor",
        "1001, POST, /v1/keys/rotate, key rotate, '', admin, editor",
        "1001, POST, /v1/store/restore, restore, '', admin, editor",
    })
    void refusesARoleThatIsTooLow(
            long uid, String method, String target, String action, String subject, String needed, String has)
            throws IOException {
        admin.as(uid);
        String type = "content-type: application/octet-stream\r\ncontent-length: 0\r\n\r\n";
        String answer = exchange(method + " " + target + " HTTP/1.1\r\nhost: agent\r\n" + type);
        assertTrue(answer.startsWith("HTTP/1.1 403 "), answer);
        assertEquals(
                "{\"error\":{\"code\":\"forbidden\",\"message\":\"'" + action + "' needs the role " + needed + ", uid "
                        + uid + " is " + has
                        + "\",\"hint\":\"the configuration's admin.roles gives roles to users and groups\"}}",
                body(answer));
        assertEquals(
                List.of(new AuditEvent.AdminAction(new AuditEvent.Actor(42, uid, uid, has), action, subject, false)),
                admin.audit.events);
    }

    @Test
    void recordsBeforeItActsAndNothingIsDoneUnrecorded() throws IOException {
        AuditEvent.Actor actor = new AuditEvent.Actor(42, AdminFixture.AGENT_UID, AdminFixture.AGENT_UID, "admin");
        assertTrue(exchange(put("/v1/secrets/a/value", "v")).startsWith("HTTP/1.1 200 "));
        assertEquals(
                List.of(
                        new AuditEvent.AdminAction(actor, "secret put", "default/default/a", true),
                        new AuditEvent.Outcome(1, "done", List.of("default/default/a@1"))),
                admin.audit.events);
        admin.audit.room = 0;
        String refused = exchange(put("/v1/secrets/b/value", "v"));
        assertTrue(refused.startsWith("HTTP/1.1 503 "), refused);
        assertEquals(1, admin.store.lent.size());
        admin.audit.room = 1;
        String unconcluded = exchange(put("/v1/secrets/b/value", "v"));
        assertTrue(body(unconcluded).contains("was carried out, but its end could not be recorded"), unconcluded);
    }

    @Test
    void recordsFailures() throws IOException {
        assertTrue(exchange(get("/v1/secrets/none")).startsWith("HTTP/1.1 404 "));
        assertEquals(new AuditEvent.Outcome(1, "secret-not-found", List.of()), admin.audit.events.getLast());
    }

    @Test
    void wipesTheValueItWasGiven() throws IOException {
        exchange(put("/v1/secrets/a/value", "canary"));
        assertEquals(1, admin.store.lent.size());
        byte[] array = admin.store.lent.getFirst();
        assertEquals("\0".repeat(6), new String(array, StandardCharsets.ISO_8859_1));
        assertFalse(admin.logged.toString(StandardCharsets.UTF_8).contains("canary"));
    }

    @Test
    void takesNoMoreThanOneMebibyte() throws IOException {
        String head = "PUT /v1/secrets/a/value HTTP/1.1\r\nhost: agent\r\ncontent-type: application/octet-stream\r\n";
        String answer = exchange(head + "content-length: 1048577\r\n\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 413 "), answer);
        assertEquals(
                "{\"error\":{\"code\":\"bad-value\",\"message\":\"a value of 1048577 bytes is over 1 MiB\",\"hint\":null}}",
                body(answer));
        assertTrue(exchange(head + "content-length: 4294967296\r\n\r\n").startsWith("HTTP/1.1 413 "));
        assertTrue(
                exchange(head + "transfer-encoding: chunked\r\n\r\n0\r\n\r\n").startsWith("HTTP/1.1 411 "));
        String json = "POST /v1/projects HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n";
        assertTrue(exchange(json + "content-length: 65537\r\n\r\n").startsWith("HTTP/1.1 413 "));
        assertTrue(admin.audit.events.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n\r\n\0\0\0\0",
                "GET\r\n\r\n",
                "nonsense nonsense nonsense\r\n\r\n",
                "GET /v1/ready HTTP/1.1\r\nbad header\r\n\r\n",
                "GET /v1/secrets/%zz HTTP/1.1\r\n\r\n",
                "GET /v1/ready?x=1 HTTP/1.1\r\n\r\n",
                "GET /v1/secrets?project=a&project=b HTTP/1.1\r\n\r\n",
                "POST /v1/keys/rotate HTTP/1.1\r\ncontent-length: 3\r\n\r\nabc",
                "POST /v1/secrets/a/purge?version=0 HTTP/1.1\r\n\r\n",
                "POST /v1/secrets/a/rollback HTTP/1.1\r\n\r\n",
                "PUT /v1/secrets/a/value HTTP/1.1\r\ncontent-type: application/octet-stream\r\ncontent-length: -1\r\n\r\n"
            })
    void answers400ToWhatIsMalformed(String request) throws IOException {
        String answer = exchange(request);
        assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        assertTrue(body(answer).startsWith("{\"error\":{\"code\":\""), answer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"name\":1}",
                "{\"name\":\"a\",\"name\":\"b\"}",
                "{\"name\":\"a\",\"x\":1}",
                "{}",
                "{\"name\":\"a\"} {}",
                "{\"name\":\"canary value\"}"
            })
    void answers400ToABodyThatIsNotTheOrder(String json) throws IOException {
        String answer =
                exchange("POST /v1/projects HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: "
                        + json.length() + "\r\n\r\n" + json);
        assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
    }

    @Test
    void knowsItsPathsMethodsAndTypes() throws IOException {
        assertTrue(exchange(get("/")).startsWith("HTTP/1.1 404 "));
        assertTrue(exchange(get("/v1/secrets/a/b/c")).startsWith("HTTP/1.1 404 "));
        assertTrue(exchange("PUT /v1/ready HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 405 "));
        assertTrue(
                exchange("PUT /v1/secrets/a/value HTTP/1.1\r\ncontent-type: text/plain\r\ncontent-length: 1\r\n\r\nx")
                        .startsWith("HTTP/1.1 415 "));
        assertTrue(exchange("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 400 "));
        assertTrue(exchange("GET /v1/ready HTTP/1.1\r\nx: " + "y".repeat(9_000) + "\r\n\r\n")
                .startsWith("HTTP/1.1 400 "));
    }

    @Test
    void doesNotWaitForEverForARequest() throws IOException {
        String answer = exchange("PUT /v1/secrets/a/value HTTP/1.1\r\ncontent-type: application/octet-stream\r\n"
                + "content-length: 10\r\n\r\nshort");
        assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
    }

    @Test
    void givesEachUserItsShare() throws IOException {
        List<SocketChannel> idle = new ArrayList<>();
        admin.as(AdminFixture.VIEWER);
        for (int i = 0; i < 3; i++) {
            idle.add(connect());
        }
        String answer = exchange(get("/v1/ready"));
        assertTrue(answer.startsWith("HTTP/1.1 429 "), answer);
        assertTrue(body(answer).contains("\"code\":\"busy\""), answer);
        admin.as(AdminFixture.AGENT_UID);
        assertTrue(exchange(get("/v1/ready")).startsWith("HTTP/1.1 200 "));
        for (SocketChannel channel : idle) {
            channel.close();
        }
    }

    @Test
    void tellsWhoContinuesToContinue() throws IOException {
        String answer = exchange("PUT /v1/secrets/a/value HTTP/1.1\r\ncontent-type: application/octet-stream\r\n"
                + "expect: 100-continue\r\ncontent-length: 1\r\n\r\nx");
        assertTrue(answer.startsWith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "), answer);
    }

    @Test
    void aClientThatHangsUpDuringItsAnswerIsNoFault() throws IOException {
        try (SocketChannel channel = connect()) {
            send(channel, get("/v1/audit/tail?count=100000"));
            assertTrue(channel.read(ByteBuffer.allocate(10)) > 0);
        }
        await(() -> admin.audit.appended().size() == 2);
        assertEquals(
                new AuditEvent.Outcome(1, "connection-lost", List.of()),
                admin.audit.appended().getLast());
        await(() -> logged().contains("connection-lost"));
        assertFalse(logged().contains("internal-fault"), logged());
    }

    @Test
    void aQueryThatFindsNothingEndsWithItsClient() throws IOException {
        admin.audit.endless = true;
        try (SocketChannel channel = connect()) {
            send(channel, get("/v1/audit/records"));
            await(() -> admin.audit.looked.get() > 0);
        }
        await(() -> admin.audit.appended().size() == 2);
        assertEquals(
                new AuditEvent.Outcome(1, "connection-lost", List.of()),
                admin.audit.appended().getLast());
    }

    @Test
    void theLogIsReadByOneOfAUserAndTwoAtATime() throws IOException {
        admin.audit.endless = true;
        try (SocketChannel one = connect()) {
            send(one, get("/v1/audit/records"));
            await(() -> admin.audit.appended().size() == 1);
            await(() -> admin.audit.looked.get() > 0);
            String again = exchange(get("/v1/audit/tail?count=1"));
            assertTrue(again.startsWith("HTTP/1.1 429 "), again);
            assertTrue(body(again).contains("the audit log is being read by uid 900 at the moment"), again);
            admin.as(AdminFixture.VIEWER);
            assertTrue(exchange(get("/v1/audit/tail?count=1")).startsWith("HTTP/1.1 200 "));
            try (SocketChannel two = connect()) {
                send(two, get("/v1/audit/records?kind=grant"));
                await(() -> admin.audit
                        .asked
                        .filter(filter -> filter.kind().isPresent())
                        .isPresent());
                admin.as(AdminFixture.EDITOR);
                String third = exchange(get("/v1/audit/tail?count=1"));
                assertTrue(body(third).contains("the audit log is being read by 2 others at the moment"), third);
            }
        }
        // Five were asked for, and each has its record and its outcome.
        await(() -> admin.audit.appended().size() == 10);
        admin.audit.endless = false;
        assertTrue(exchange(get("/v1/audit/tail?count=1")).startsWith("HTTP/1.1 200 "), "places are given back");
    }

    @Test
    void thereIsOneRequestOnAConnectionAlsoBehindAStream() throws IOException {
        String answer =
                exchange("POST /v1/store/restore HTTP/1.1\r\nhost: agent\r\ncontent-type: application/octet-stream\r\n"
                        + "transfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" + get("/v1/audit/head"));
        assertTrue(answer.startsWith("HTTP/1.1 204 "), answer);
        assertEquals(List.of("restore"), actions());
    }

    private List<String> actions() {
        return admin.audit.appended().stream()
                .filter(AuditEvent.AdminAction.class::isInstance)
                .map(event -> ((AuditEvent.AdminAction) event).action())
                .toList();
    }

    private String logged() {
        return admin.logged.toString(StandardCharsets.UTF_8);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "it did not come");
            Thread.onSpinWait();
        }
    }

    @Test
    void isPrivateFromTheStartAndLeavesNothing() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(admin.socket)));
        try (var files = Files.list(admin.folder)) {
            assertEquals(List.of(admin.socket), files.toList());
        }
    }

    @Test
    void replacesOnlyASocketThatNobodyServes(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("f"), "not a socket");
        AgentException notASocket = assertThrows(AgentException.class, () -> admin.another(file));
        assertEquals(FailureKind.STATE_UNUSABLE, notASocket.kind());
        assertEquals("not a socket", Files.readString(file));
        AgentException taken = assertThrows(AgentException.class, () -> admin.another(admin.socket));
        assertEquals(
                "the socket " + admin.socket + " is in use by process "
                        + ProcessHandle.current().pid(),
                taken.getMessage());
    }

    @Test
    void answersWhoCameBeforeItServed(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("a.sock");
        try (AdminServer early = admin.listening(path);
                SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            channel.write(ByteBuffer.wrap(
                    "GET /v1/ready HTTP/1.1\r\nconnection: close\r\n\r\n".getBytes(StandardCharsets.UTF_8)));
            admin.serve(early);
            ByteBuffer answer = ByteBuffer.allocate(9);
            while (answer.hasRemaining() && channel.read(answer) >= 0) {}
            assertEquals("HTTP/1.1 ", new String(answer.array(), StandardCharsets.UTF_8));
        }
    }

    @Test
    void endsWithoutHavingServed(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("a.sock");
        AdminServer never = admin.listening(path);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            never.close();
            assertFalse(Files.exists(path));
            assertThrows(IOException.class, () -> {
                if (channel.read(ByteBuffer.allocate(1)) < 0) {
                    throw new IOException("it ended");
                }
            });
        }
    }

    @Test
    void goesOnAfterAConnectionThatCannotBeAccepted() throws Exception {
        Channel listening = admin.server.listening();
        listening.pipeline().fireExceptionCaught(new IOException("too many open files"));

        boolean accepting = listening
                .eventLoop()
                .submit(() -> listening.config().isAutoRead())
                .get(10, TimeUnit.SECONDS);
        assertFalse(accepting);
        assertTrue(
                exchange("GET /v1/ready HTTP/1.1\r\nconnection: close\r\n\r\n").startsWith("HTTP/1.1 "));
    }

    @Test
    void opensTheSocketOfAGroupThatCannotBeGivenToEveryone() {
        SocketPlace place = new Reach.Group(5).at(Path.of("/run/admin.sock"));

        assertEquals("rw-rw----", PosixFilePermissions.toString(place.mode()));
        assertEquals(Optional.of(5L), place.gid());
        assertEquals(Optional.of("rw-rw-rw-"), place.modeWithoutGroup().map(PosixFilePermissions::toString));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(
                        new Reach.Owner().at(Path.of("/run/admin.sock")).mode()));
    }

    @Test
    void reachesNoFurtherThanTheRolesAsk() {
        assertEquals(new Reach.Owner(), reach());
        assertEquals(
                new Reach.Owner(), reach(new RoleGrant.ToUser(0, Role.ADMIN), new RoleGrant.ToUser(900, Role.EDITOR)));
        assertEquals(new Reach.Group(5), reach(new RoleGrant.ToGroup(5, Role.VIEWER)));
        assertEquals(
                new Reach.Group(5), reach(new RoleGrant.ToGroup(5, Role.VIEWER), new RoleGrant.ToGroup(6, Role.NONE)));
        assertEquals(
                new Reach.Everyone(),
                reach(new RoleGrant.ToGroup(5, Role.VIEWER), new RoleGrant.ToGroup(6, Role.VIEWER)));
        assertEquals(new Reach.Everyone(), reach(new RoleGrant.ToUser(1001, Role.VIEWER)));
    }

    private static Reach reach(RoleGrant... grants) {
        return Reach.of(new Access(900, List.of(grants), Set.of()));
    }
}

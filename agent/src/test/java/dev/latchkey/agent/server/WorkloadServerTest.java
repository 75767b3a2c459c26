package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.audit.AuditEvent;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.injection.InjectionResult;
import dev.latchkey.agent.injection.Injector.HandOver;
import dev.latchkey.agent.memory.LockedMemory;
import dev.latchkey.agent.memory.WipedSegment;
import dev.latchkey.agent.server.Fakes.FakeAttestor;
import dev.latchkey.agent.server.Fakes.FakeAudit;
import dev.latchkey.agent.server.Fakes.FakeDeliveries;
import dev.latchkey.agent.server.Fakes.FakeHold;
import dev.latchkey.agent.server.Fakes.FakeInjector;
import dev.latchkey.agent.server.Fakes.VisibleSegment;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.workload.BearerToken;
import dev.latchkey.agent.workload.LaunchedCommand;
import dev.latchkey.agent.workload.Sender;
import dev.latchkey.agent.workload.Sha256;
import dev.latchkey.protocol.Check;
import dev.latchkey.protocol.Code;
import dev.latchkey.protocol.Delivery;
import dev.latchkey.protocol.Header;
import dev.latchkey.protocol.Plan;
import dev.latchkey.protocol.Proof;
import dev.latchkey.protocol.Refusal;
import dev.latchkey.protocol.Request;
import dev.latchkey.protocol.Status;
import dev.latchkey.protocol.Token;
import dev.latchkey.protocol.Version;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WorkloadServerTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final long HELD = 1 << 20;
    private static final String BLOCK = "MY_APP_SECRET=some-value\0";

    private final FakeInjector injector = new FakeInjector();
    private final FakeAttestor attestor = new FakeAttestor();
    private final FakeDeliveries deliveries = new FakeDeliveries();
    private final FakeAudit audit = new FakeAudit();
    private final Readiness readiness = new Readiness();
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();
    private final List<WorkloadServer> servers = new ArrayList<>();

    @TempDir
    private Path folder;

    private Path socket = Path.of("");

    @BeforeEach
    void ready() {
        socket = folder.resolve("run/agent.sock");
        readiness.serving();
    }

    @AfterEach
    void stop() {
        servers.forEach(server -> server.drain(Duration.ZERO));
        assertEquals(0, attestor.open.get(), "every pin was given back");
    }

    @Test
    void deliversTheBlockByteForByteAndWipesIt() throws Exception {
        VisibleSegment segment = answerWith(BLOCK);
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "MY_APP_SECRET"));
            Delivery delivery = (Delivery) client.receive("MY_APP_SECRET");

            assertEquals(Optional.of(77L), delivery.prefix().grant());
            assertEquals("MY_APP_SECRET=some-value", text(delivery.entries().getFirst()));
            assertEquals(HandOver.DELIVERED, Fakes.next(injector.concluded));
            assertTrue(segment.isWiped());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void changesNoThreadForWhatIsDoneAtOnceAndBlocksNoneForTheRest(boolean atOnce) throws Exception {
        injector.atOnce = atOnce;
        VisibleSegment segment = answerWith(BLOCK);
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "MY_APP_SECRET"));
            assertInstanceOf(Delivery.class, client.receive("MY_APP_SECRET"));

            assertEquals(HandOver.DELIVERED, Fakes.next(injector.concluded));
            assertEquals(!atOnce, Fakes.next(injector.threads).isVirtual());
            assertEquals(!atOnce, Fakes.next(injector.threads).isVirtual());
            assertTrue(segment.isWiped());
            check(client);
        }
    }

    /** A launcher ends its sending at once; what its socket has no room for yet must reach it all the same. */
    @Test
    void deliversMoreThanTheSocketHoldsToOneThatSendsNoMore() throws Exception {
        byte[] block = ("A=" + "x".repeat(4 << 20) + "\0").getBytes(StandardCharsets.UTF_8);
        CountDownLatch go = new CountDownLatch(1);
        injector.answer = _ -> {
            await(go);
            return Fakes.delivered(1, new VisibleSegment(block));
        };
        serve(limits(LONG));
        try (Client client = new Client(socket);
                Client other = new Client(socket)) {
            client.send(Client.request(LONG, "A"));
            client.endOutput();
            // There is one event loop: once it has answered another, it has seen the end of this one.
            check(other);
            check(other);
            go.countDown();
            ByteBuffer body = client.read(client.header().length());

            assertEquals(ByteBuffer.wrap(block), body.slice(body.limit() - block.length, block.length));
            assertEquals(HandOver.DELIVERED, Fakes.next(injector.concluded));
            assertTrue(client.isEnded());
        }
    }

    @Test
    void deliversFromRealLockedMemory() throws Exception {
        byte[] block = ("A=" + "x".repeat(100_000) + "\0").getBytes(StandardCharsets.UTF_8);
        WipedSegment segment = new LockedMemory(_ -> {}).allocate(block.length);
        segment.buffer().put(block);
        injector.answer = _ -> Fakes.delivered(1, segment);
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "A"));
            Delivery delivery = (Delivery) client.receive("A");
            assertEquals(
                    ByteBuffer.wrap(block, 0, block.length - 1),
                    delivery.entries().getFirst());
            assertEquals(HandOver.DELIVERED, Fakes.next(injector.concluded));
            assertThrows(IllegalStateException.class, segment::buffer);
        }
    }

    @Test
    void tellsTheInjectorWhatWasAskedFor() throws Exception {
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(new Request(
                    LONG,
                    true,
                    Optional.of("p"),
                    Optional.of("e"),
                    Optional.empty(),
                    Optional.of("/bin/true"),
                    Optional.of(new Proof(
                            "0f".repeat(32),
                            LaunchedCommand.hashOf(List.of("x")).hex(),
                            "/bin/true")),
                    List.of(new Request.Binding("PATH", "x@3,optional", true))));
            assertEquals(Code.SECRET_NOT_FOUND.number(), client.refusal().code());
            var asked = Fakes.next(injector.asked);
            assertTrue(asked.dryRun());
            assertEquals(Optional.of("p"), asked.project());
            assertEquals(Optional.of("e"), asked.environment());
            assertEquals(Optional.of("/bin/true"), asked.command());
            assertEquals(
                    Optional.of(new LaunchedCommand(
                            "/bin/true",
                            Optional.of(new Sha256("0f".repeat(32))),
                            LaunchedCommand.hashOf(List.of("x")))),
                    asked.proof());
            assertEquals("PATH", asked.bindings().getFirst().target());
            assertEquals("x@3,optional", asked.bindings().getFirst().reference());
            assertTrue(asked.bindings().getFirst().dangerousNameAllowed());
        }
    }

    @Test
    void oneConnectionCarriesOneExchangeAfterAnother() throws Exception {
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            for (int i = 0; i < 3; i++) {
                client.send(Client.request(LONG, "A"));
                assertEquals(Code.SECRET_NOT_FOUND.number(), client.refusal().code());
            }
            client.send(new Check().encode(Version.CURRENT));
            assertEquals(Status.State.READY, ((Status) client.receive()).state());
        }
    }

    @Test
    void refusalCarriesHintAndPlanIsAnswered() throws Exception {
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "A"));
            assertEquals(List.of("look again"), ((Refusal) client.receive()).hints());
            injector.answer = _ -> new InjectionResult.Planned(
                    List.of(new InjectionResult.PlanEntry(
                            Optional.empty(),
                            Optional.of("3"),
                            Optional.of(10),
                            Optional.of(Duration.ofDays(1)),
                            false,
                            Optional.empty())),
                    List.of());
            client.send(Client.request(LONG, "A"));
            Plan.Entry entry = ((Plan) client.receive("A")).entries().getFirst();
            assertEquals(Optional.of(86_400L), entry.age());
            assertEquals(Optional.of("3"), entry.version());
        }
    }

    @Test
    void faultOfTheInjectorIsInternalAndItsMessageStaysInside() throws Exception {
        injector.answer = _ -> {
            throw new IllegalStateException("some-value");
        };
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "A"));
            Refusal.Failure failure = client.refusal();
            assertEquals(Code.INTERNAL.number(), failure.code());
            assertFalse(failure.message().contains("some-value"));
            assertTrue(logged.toString(StandardCharsets.UTF_8).contains("internal-fault"));
            assertFalse(logged.toString(StandardCharsets.UTF_8).contains("some-value"));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "6C6B657901000500 00000000, bad-magic",
        "4745542F20485454502F312E, bad-magic",
        "4C4B455901000900 00000000, bad-type",
        "4C4B455901000200 00000000, bad-type",
        "4C4B455901000101 00000000, bad-reserved",
        "4C4B455901000100 00000000, field-missing",
        "4C4B455901000100 FFFFFFFF, too-long",
        "4C4B455901000100 80000000, too-long",
        "4C4B455901000100 00040001, too-long",
        "4C4B455901000500 00000001 00, too-long",
        "4C4B455901000500 00000000 00, trailing",
        "4C4B455901000100 00000006 800700000000, unknown-critical",
        "4C4B455901000100 00000007 80010000000900, field-overrun"
    })
    void malformedFrameIsRefusedByClassAndAudited(String frame, String failureClass) throws Exception {
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(hex(frame));
            Refusal.Failure failure = client.refusal();
            assertEquals(Code.MALFORMED.number(), failure.code());
            assertTrue(failure.message().startsWith(failureClass + ": "), failure.message());
            assertTrue(client.isEnded());
            AuditEvent.Rejected rejected = (AuditEvent.Rejected) Fakes.next(audit.events);
            assertEquals(failureClass, rejected.code());
            assertEquals(1000, rejected.caller().orElseThrow().uid());
            assertTrue(injector.asked.isEmpty());
        }
    }

    @Test
    void otherVersionIsToldOurs() throws Exception {
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(hex("4C4B455902050100 00000000"));
            Header header = client.header();
            assertEquals(Version.CURRENT, header.version());
            Refusal refusal = Refusal.decode(client.read(header.length()));
            assertEquals(
                    Code.UNSUPPORTED_VERSION.number(),
                    refusal.failures().getFirst().code());
            String message = refusal.failures().getFirst().message();
            assertTrue(message.contains("2.5") && message.contains("1.0"), message);
            assertTrue(client.isEnded());
        }
    }

    @Test
    void unfinishedFrameIsTruncatedWhenItsTimeIsOver() throws Exception {
        serve(limits(SHORT));
        try (Client client = new Client(socket)) {
            client.send(hex("4C4B455901000100 00000010 8001"));
            assertTrue(client.refusal().message().startsWith("truncated: "));
            assertTrue(client.isEnded());
        }
    }

    @Test
    void unfinishedFrameIsTruncatedWhenThePeerSendsNoMore() throws Exception {
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(hex("4C4B4559 0100"));
            client.endOutput();
            assertTrue(client.refusal().message().startsWith("truncated: "));
            assertTrue(client.isEnded());
        }
    }

    @Test
    void silentConnectionIsClosedWithoutAWord() throws Exception {
        serve(limits(SHORT));
        try (Client client = new Client(socket)) {
            assertTrue(client.isEnded());
        }
        try (Client client = new Client(socket)) {
            client.send(new Check().encode(Version.CURRENT));
            assertInstanceOf(Status.class, client.receive());
            assertTrue(client.isEnded());
        }
        assertTrue(audit.events.isEmpty());
    }

    @Test
    void oneByteAtATimeIsFineWithinTheDeadline() throws Exception {
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            ByteBuffer frame = Client.request(LONG, "A", "B").encode(Version.CURRENT);
            while (frame.hasRemaining()) {
                client.send(frame.get());
            }
            assertEquals(Code.SECRET_NOT_FOUND.number(), client.refusal().code());
        }
    }

    @Test
    void peerThatOnlySendsNoMoreGetsItsAnswer() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        VisibleSegment segment = new VisibleSegment(BLOCK.getBytes(StandardCharsets.UTF_8));
        injector.answer = _ -> {
            await(go);
            return Fakes.delivered(1, segment);
        };
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "MY_APP_SECRET"));
            client.endOutput();
            Fakes.next(injector.asked);
            go.countDown();
            assertInstanceOf(Delivery.class, client.receive("MY_APP_SECRET"));
            assertTrue(client.isEnded());
        }
    }

    @Test
    void bytesBeforeTheAnswerAreTrailingAndTheBundleIsWiped() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        VisibleSegment segment = new VisibleSegment(BLOCK.getBytes(StandardCharsets.UTF_8));
        injector.answer = _ -> {
            await(go);
            return Fakes.delivered(1, segment);
        };
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "MY_APP_SECRET"));
            Fakes.next(injector.asked);
            client.send(0);
            assertTrue(client.refusal().message().startsWith("trailing: "));
            go.countDown();
            assertEquals(HandOver.CONNECTION_LOST, Fakes.next(injector.concluded));
            assertTrue(segment.isWiped());
            assertTrue(client.isEnded());
        }
    }

    @Test
    void lateAnswerIsTimedOutBeforeTheDeadlineAndItsBundleWiped() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        VisibleSegment segment = new VisibleSegment(BLOCK.getBytes(StandardCharsets.UTF_8));
        injector.answer = _ -> {
            await(go);
            return Fakes.delivered(1, segment);
        };
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            long start = System.nanoTime();
            client.send(Client.request(Duration.ofMillis(900), "MY_APP_SECRET"));
            assertEquals(Code.TIMED_OUT.number(), client.refusal().code());
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertTrue(millis >= 400 && millis < 900, millis + " ms");
            go.countDown();
            assertEquals(HandOver.CONNECTION_LOST, Fakes.next(injector.concluded));
            assertTrue(segment.isWiped());
        }
    }

    @Test
    void peerThatStopsReadingIsCutOffAndTheBundleWiped() throws Exception {
        byte[] block = ("A=" + "x".repeat(8 << 20)).getBytes(StandardCharsets.UTF_8);
        VisibleSegment segment = new VisibleSegment(block);
        injector.answer = _ -> Fakes.delivered(1, segment);
        serve(limits(SHORT));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "A"));
            assertEquals(HandOver.CONNECTION_LOST, Fakes.next(injector.concluded));
            assertTrue(segment.isWiped());
            assertThrows(Exception.class, () -> client.receive("A"));
        }
    }

    @Test
    void peerThatHangsUpWhileItsRequestRunsCostsNothingAndItsBundleIsWiped() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        VisibleSegment segment = new VisibleSegment(BLOCK.getBytes(StandardCharsets.UTF_8));
        injector.answer = _ -> {
            await(go);
            return Fakes.delivered(1, segment);
        };
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "MY_APP_SECRET"));
            Fakes.next(injector.asked);
        }
        long before = eventLoopTime();
        assertFalse(go.await(500, TimeUnit.MILLISECONDS));
        long spent = TimeUnit.NANOSECONDS.toMillis(eventLoopTime() - before);
        assertTrue(spent < 100, "the event loop spun for " + spent + " ms");
        go.countDown();
        assertEquals(HandOver.CONNECTION_LOST, Fakes.next(injector.concluded));
        assertTrue(segment.isWiped());
    }

    @Test
    void deadCallerGetsNoByte() throws Exception {
        VisibleSegment segment = answerWith(BLOCK);
        attestor.alive = false;
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "MY_APP_SECRET"));
            assertEquals(HandOver.CALLER_GONE, Fakes.next(injector.concluded));
            assertTrue(client.isEnded());
            assertTrue(segment.isWiped());
        }
    }

    @Test
    void tellsWhoHoldsWhatOnlyOnceAllOfItWasHandedOver() throws Exception {
        VisibleSegment segment = new VisibleSegment(BLOCK.getBytes(StandardCharsets.UTF_8));
        FakeHold hold = new FakeHold();
        injector.answer = _ -> Fakes.delivered(1, segment, Optional.of(hold));
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "MY_APP_SECRET"));
            assertInstanceOf(Delivery.class, client.receive("MY_APP_SECRET"));
            assertEquals("42 flow [store:x@1]", Fakes.next(deliveries.told));
            assertEquals(HandOver.DELIVERED, Fakes.next(injector.concluded));
            assertEquals(0, hold.closed.get(), "it is the consumer's");
        }
    }

    @Test
    void whatWasNotHandedOverIsHeldByNobody() throws Exception {
        VisibleSegment segment = new VisibleSegment(BLOCK.getBytes(StandardCharsets.UTF_8));
        FakeHold hold = new FakeHold();
        injector.answer = _ -> Fakes.delivered(1, segment, Optional.of(hold));
        attestor.alive = false;
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "MY_APP_SECRET"));
            assertEquals(HandOver.CALLER_GONE, Fakes.next(injector.concluded));
            assertTrue(deliveries.told.isEmpty());
            assertEquals(1, hold.closed.get());
        }
    }

    @Test
    void whoCannotBeFollowedIsServedAllTheSame() throws Exception {
        deliveries.fault = Optional.of(new IllegalStateException("no"));
        answerWith(BLOCK);
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "MY_APP_SECRET"));
            assertInstanceOf(Delivery.class, client.receive("MY_APP_SECRET"));
            assertEquals(HandOver.DELIVERED, Fakes.next(injector.concluded));
            check(client);
            assertTrue(logged.toString(StandardCharsets.UTF_8).contains("internal-fault"));
        }
    }

    @Test
    void callerThatCannotBeAttestedIsTurnedAwayAndAudited() throws Exception {
        attestor.knows = false;
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "A"));
            assertEquals(Code.CALLER_UNKNOWN.number(), client.refusal().code());
            assertTrue(client.isEnded());
            AuditEvent.Rejected rejected = (AuditEvent.Rejected) Fakes.next(audit.events);
            assertEquals("caller-unknown", rejected.code());
            assertEquals(Optional.empty(), rejected.caller());
            assertTrue(injector.asked.isEmpty());
        }
    }

    @Test
    void requestOfAnotherProcessThanTheCallerIsRefusedAndRecorded() throws Exception {
        attestor.sender = Sender.ANOTHER;
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "A"));
            assertEquals(Code.CALLER_UNKNOWN.number(), client.refusal().code());
            assertTrue(client.isEnded());
            AuditEvent.Rejected rejected = (AuditEvent.Rejected) Fakes.next(audit.events);
            assertEquals("caller-unknown", rejected.code());
            assertTrue(injector.asked.isEmpty());
        }
    }

    @Test
    void requestWhoseSenderCannotBeToldIsToBeSentAgain() throws Exception {
        attestor.sender = Sender.UNKNOWN;
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "A"));
            assertEquals(Code.BUSY.number(), client.refusal().code());
            assertTrue(client.isEnded());
            assertTrue(injector.asked.isEmpty());
        }
    }

    @Test
    void tokenIsHandedOverAsItsHash() throws Exception {
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            Request plain = Client.request(LONG, "A");
            client.send(new Request(
                    LONG,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(new Token(new byte[] {1})),
                    Optional.empty(),
                    Optional.empty(),
                    plain.bindings()));
            assertEquals(
                    Optional.of(BearerToken.of(new byte[] {1})),
                    Fakes.next(injector.asked).token());
        }
    }

    @Test
    void bundleOverTheLimitOfAFrameIsRefused() throws Exception {
        VisibleSegment segment = new VisibleSegment(new byte[Delivery.Prefix.maxBlock(0) + 1]);
        injector.answer = _ -> Fakes.delivered(1, segment);
        serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "A"));
            assertEquals(Code.BUNDLE_TOO_LARGE.number(), client.refusal().code());
            assertTrue(segment.isWiped());
        }
    }

    @Test
    void oneUserCannotHaveAllConnections() throws Exception {
        serve(new Limits(LONG, LONG, LONG, LONG, SHORT, 3, 2, HELD, HELD, 100, 1));
        try (Client first = new Client(socket);
                Client second = new Client(socket)) {
            check(first);
            check(second);
            try (Client third = new Client(socket)) {
                Refusal refusal = (Refusal) third.receive();
                assertEquals(Code.BUSY.number(), refusal.failures().getFirst().code());
                assertTrue(refusal.retryAfter().isPresent());
                assertTrue(third.isEnded());
            }
            attestor.uid = 2000;
            try (Client other = new Client(socket)) {
                check(other);
            }
        }
    }

    @Test
    void placeOfAClosedConnectionIsFreeAgain() throws Exception {
        serve(new Limits(LONG, LONG, LONG, LONG, SHORT, 1, 1, HELD, HELD, 100, 1));
        for (int i = 0; i < 5; i++) {
            try (Client client = new Client(socket)) {
                check(client);
                client.send(hex("FFFFFFFF"));
                client.send(hex("FFFFFFFFFFFFFFFF"));
                assertEquals(Code.MALFORMED.number(), client.refusal().code());
                assertTrue(client.isEnded());
            }
            awaitNoPins();
        }
    }

    @Test
    void requestsAreRefusedWhileStartingAndChecksTellWhy() throws Exception {
        Readiness starting = new Readiness();
        serve(limits(LONG), starting);
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "A"));
            assertEquals(Code.STARTING.number(), client.refusal().code());
            client.send(new Check().encode(Version.CURRENT));
            assertEquals(new Status(Status.State.STARTING, List.of("the agent is starting")), client.receive());
            starting.serving();
            starting.failing("audit", "the disk is full\n");
            client.send(new Check().encode(Version.CURRENT));
            assertEquals(new Status(Status.State.FAILING, List.of("the disk is full?")), client.receive());
            starting.draining();
            client.send(Client.request(LONG, "A"));
            assertEquals(Code.DRAINING.number(), client.refusal().code());
        }
    }

    @Test
    void drainingLetsWhatRunsFinishAndEndsTheRest() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        VisibleSegment segment = new VisibleSegment(BLOCK.getBytes(StandardCharsets.UTF_8));
        injector.answer = _ -> {
            await(go);
            return Fakes.delivered(1, segment);
        };
        WorkloadServer server = serve(limits(LONG));
        try (Client running = new Client(socket);
                Client idle = new Client(socket)) {
            check(idle);
            running.send(Client.request(LONG, "MY_APP_SECRET"));
            Fakes.next(injector.asked);
            Thread drain = Thread.ofVirtual().start(() -> server.drain(LONG));
            assertTrue(idle.isEnded());
            assertThrows(IOException.class, () -> new Client(socket).close());
            assertFalse(Files.exists(socket));
            go.countDown();
            assertInstanceOf(Delivery.class, running.receive("MY_APP_SECRET"));
            assertTrue(running.isEnded());
            assertTrue(drain.join(Duration.ofSeconds(10)));
        }
    }

    @Test
    void drainingEndsWhatDoesNotFinish() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        injector.answer = _ -> {
            await(never);
            throw new IllegalStateException("released by the test");
        };
        WorkloadServer server = serve(limits(LONG));
        try (Client client = new Client(socket)) {
            client.send(Client.request(LONG, "A"));
            Fakes.next(injector.asked);
            server.drain(SHORT);
            assertTrue(client.isEnded());
        } finally {
            never.countDown();
            awaitNoPins();
        }
    }

    private static void check(Client client) throws Exception {
        client.send(new Check().encode(Version.CURRENT));
        assertInstanceOf(Status.class, client.receive());
    }

    private void awaitNoPins() throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (attestor.open.get() > 0 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertEquals(0, attestor.open.get());
    }

    private VisibleSegment answerWith(String block) {
        VisibleSegment segment = new VisibleSegment(block.getBytes(StandardCharsets.UTF_8));
        injector.answer = _ -> Fakes.delivered(1, segment);
        return segment;
    }

    private static Limits limits(Duration each) {
        return new Limits(each, each, each, each, SHORT, 100, 100, HELD, HELD, 100, 1);
    }

    private WorkloadServer serve(Limits limits) {
        return serve(limits, readiness);
    }

    private WorkloadServer serve(Limits limits, Readiness ready) {
        Log log = new Log(
                new PrintStream(logged, true, StandardCharsets.UTF_8),
                Clock.systemUTC(),
                Log.Level.DEBUG,
                Log.Format.LOGFMT);
        WorkloadServer server =
                new WorkloadServer(new Services(injector, attestor, deliveries, ready, audit, log), limits);
        servers.add(server);
        server.start(List.of(
                new Listener(Fakes.MAIN, socket, PosixFilePermissions.fromString("rw-rw----"), Optional.empty())));
        return server;
    }

    private static long eventLoopTime() {
        var threads = java.lang.management.ManagementFactory.getThreadMXBean();
        return java.util.Arrays.stream(threads.dumpAllThreads(false, false))
                .filter(thread -> thread.getThreadName().startsWith("workloads"))
                .mapToLong(thread -> threads.getThreadCpuTime(thread.getThreadId()))
                .sum();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ByteBuffer hex(String text) {
        return ByteBuffer.wrap(java.util.HexFormat.of().parseHex(text.replace(" ", "")));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
}

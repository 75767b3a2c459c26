package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.injection.Bundle;
import dev.latchkey.agent.injection.InjectionResult;
import dev.latchkey.agent.injection.InjectionResult.Asked;
import dev.latchkey.agent.injection.InjectionResult.BindingFailure;
import dev.latchkey.agent.injection.InjectionResult.PlanEntry;
import dev.latchkey.agent.injection.InjectionResult.Planned;
import dev.latchkey.agent.injection.InjectionResult.Refused;
import dev.latchkey.agent.injection.InjectionResult.Wanted;
import dev.latchkey.agent.injection.Injector.HandOver;
import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.server.Fakes.FakeAttestor;
import dev.latchkey.agent.server.Fakes.FakeDeliveries;
import dev.latchkey.agent.server.Fakes.FakeHold;
import dev.latchkey.agent.server.Fakes.FakeInjector;
import dev.latchkey.agent.server.Fakes.VisibleSegment;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.protocol.Code;
import dev.latchkey.protocol.Delivery;
import dev.latchkey.protocol.Refusal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that the protocol has no room or no words for: they are told as far as they can be, and hold neither places nor pins nor values. */
class FaultyResultsTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final long HELD_OF_USER = 256 << 10;
    private static final int PLACES = 4;

    private final FakeInjector injector = new FakeInjector();
    private final FakeAttestor attestor = new FakeAttestor();
    private final ByteArrayOutputStream logged = new ByteArrayOutputStream();

    @TempDir
    private Path folder;

    private Optional<WorkloadServer> server = Optional.empty();

    @AfterEach
    void stop() {
        long began = System.nanoTime();
        server.ifPresent(s -> s.drain(LONG));
        assertTrue(Duration.ofNanos(System.nanoTime() - began).compareTo(LONG) < 0, "nothing is thought to run");
        assertEquals(0, attestor.open.get(), "every pin was given back");
    }

    @Test
    void moreFailuresThanThereIsRoomForAreCounted() throws Exception {
        BindingFailure each = new BindingFailure(Optional.of(3), Failure.of(FailureKind.DENIED, "no"));
        injector.answer = _ -> new Refused(Collections.nCopies(2_000, each), List.of());
        Refusal refusal = refusal();

        assertEquals(Refusal.MAX_FAILURES, refusal.failures().size());
        assertEquals("and 976 more", refusal.failures().getLast().message());
        assertEquals(Optional.empty(), refusal.failures().getLast().binding());
    }

    @Test
    void aPlanOfTooManyEntriesIsRefused() throws Exception {
        PlanEntry entry = new PlanEntry(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), false, Optional.empty());
        injector.answer = _ -> new Planned(Collections.nCopies(1_025, entry), List.of());
        Refusal refusal = refusal();

        assertEquals(
                Code.BUNDLE_TOO_LARGE.number(), refusal.failures().getFirst().code());
        assertEquals(
                "1025 variables and files, of at most 1024",
                refusal.failures().getFirst().message());
    }

    @Test
    void aQuestionOfTooManyBytesIsRefused() throws Exception {
        List<Wanted> names = IntStream.range(0, 1_020)
                .mapToObj(i -> new Wanted(0, i + "x".repeat(1_024)))
                .toList();
        injector.answer = _ -> new Asked(names, List.of());

        assertEquals(
                Code.BUNDLE_TOO_LARGE.number(), refusal().failures().getFirst().code());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatCannotBeSaidIsAFaultAndKeepsNoPlace(boolean atOnce) throws Exception {
        injector.atOnce = atOnce;
        injector.answer = _ -> new Asked(List.of(new Wanted(0, "half of a pair: \ud800")), List.of());
        Path socket = serve();
        for (int i = 0; i < 3 * PLACES; i++) {
            assertEquals(Code.INTERNAL.number(), codeOf(socket));
        }
        assertTrue(logged.toString(StandardCharsets.UTF_8).contains("internal-fault"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void valuesThatCannotBeHandedOverAreWipedAndTheirLeasesLetGo(boolean atOnce) throws Exception {
        injector.atOnce = atOnce;
        Path socket = serve();
        for (int i = 0; i < 3 * PLACES; i++) {
            FakeHold hold = new FakeHold();
            VisibleSegment segment = new VisibleSegment("A=some-value\0".getBytes(StandardCharsets.UTF_8));
            injector.answer = _ -> undeliverable(segment, hold);
            try (Client client = new Client(socket)) {
                client.send(Client.request(LONG, "A"));
                assertTrue(client.isEnded());
            }
            assertTrue(segment.isWiped());
            assertEquals(HandOver.CONNECTION_LOST, Fakes.next(injector.concluded));
            assertEquals(1, hold.closed.get());
        }
    }

    /** A name in it is longer than the protocol allows. */
    private static InjectionResult undeliverable(VisibleSegment segment, FakeHold hold) {
        Holding holding = new Holding(new SecretLocation("store", "x"), "1", Optional.of(hold));
        Bundle.Contents contents = new Bundle.Contents("flow", List.of("store:x@1"), List.of(holding));
        return new InjectionResult.Delivered(
                new Bundle(77, 1, contents, List.of(), Optional.of(List.of("A".repeat(5_000))), segment));
    }

    /** A few bytes can stand for many objects, which are there as long as a request waits. */
    @Test
    void requestsOfManyBindingsThatWaitAreBounded() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        injector.answer = _ -> {
            await(go);
            return Fakes.delivered(1, new VisibleSegment("A=some-value\0".getBytes(StandardCharsets.UTF_8)));
        };
        String[] many = IntStream.range(0, 1_000).mapToObj(i -> "A" + i).toArray(String[]::new);
        Path socket = serve();
        List<Client> clients = new ArrayList<>();
        try (Client last = new Client(socket);
                Client ordinary = new Client(socket)) {
            clients.add(new Client(socket));
            clients.getFirst().send(Client.request(LONG, many));
            Fakes.next(injector.asked);
            last.send(Client.request(LONG, many));
            assertEquals(Code.BUSY.number(), last.refusal().code());
            ordinary.send(Client.request(LONG, "A"));
            go.countDown();
            assertInstanceOf(Delivery.class, ordinary.receive("A"));
        } finally {
            go.countDown();
            for (Client client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aFaultOfAttestingKeepsNoPlace() throws Exception {
        Path socket = serve();
        attestor.fault = Optional.of(new NoClassDefFoundError("a fault of the test"));
        for (int i = 0; i < 3 * PLACES; i++) {
            assertEquals(Code.CALLER_UNKNOWN.number(), codeOf(socket));
        }
        attestor.fault = Optional.empty();
        assertEquals(Code.SECRET_NOT_FOUND.number(), codeOf(socket));
    }

    /** Of the refusal of a request on a connection of its own. The place of the one before is free a moment after that has ended. */
    private static int codeOf(Path socket) throws Exception {
        long end = System.nanoTime() + LONG.toNanos();
        while (true) {
            try (Client client = new Client(socket)) {
                client.send(Client.request(LONG, "A"));
                int code = client.refusal().code();
                if (code != Code.BUSY.number() || System.nanoTime() - end > 0) {
                    return code;
                }
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Refusal refusal() throws Exception {
        try (Client client = new Client(serve())) {
            client.send(Client.request(LONG, "A"));
            return (Refusal) client.receive();
        }
    }

    private Path serve() {
        Path socket = folder.resolve("agent.sock");
        Readiness readiness = new Readiness();
        readiness.serving();
        Log log = new Log(
                new PrintStream(logged, true, StandardCharsets.UTF_8),
                Clock.systemUTC(),
                Log.Level.ERROR,
                Log.Format.LOGFMT);
        Services services =
                new Services(injector, attestor, new FakeDeliveries(), readiness, new Fakes.FakeAudit(), log);
        Limits limits = new Limits(
                LONG, LONG, LONG, LONG, Duration.ofMillis(50), PLACES, PLACES, 4 * HELD_OF_USER, HELD_OF_USER, 5, 1);
        WorkloadServer started = new WorkloadServer(services, limits);
        server = Optional.of(started);
        started.start(List.of(
                new Listener(Fakes.MAIN, socket, PosixFilePermissions.fromString("rw-------"), Optional.empty())));
        return socket;
    }
}

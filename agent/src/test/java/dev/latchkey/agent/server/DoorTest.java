package dev.latchkey.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.server.Fakes.FakeAudit;
import dev.latchkey.agent.server.Fakes.FakeInjector;
import dev.latchkey.agent.telemetry.Log;
import dev.latchkey.agent.workload.Entrance;
import dev.latchkey.agent.workload.PinnedCaller;
import dev.latchkey.agent.workload.WorkloadAttestor;
import dev.latchkey.protocol.Check;
import dev.latchkey.protocol.Code;
import dev.latchkey.protocol.Status;
import dev.latchkey.protocol.Version;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoorTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final long CROWD = 1;
    private static final long ANOTHER = 2;
    private static final int MANY = 600;

    private final FakeInjector injector = new FakeInjector();
    private final Ordering attestor = new Ordering();
    private final Readiness readiness = new Readiness();
    private final CountDownLatch go = new CountDownLatch(1);
    private final List<Client> clients = new ArrayList<>();

    @TempDir
    private Path folder;

    private Path socket = Path.of("");
    private Optional<WorkloadServer> server = Optional.empty();

    /** Whoever comes after the crowd is another user. Notes in which order they are let in. */
    private static final class Ordering implements WorkloadAttestor {
        private final Fakes.FakeAttestor fake = new Fakes.FakeAttestor();
        private final AtomicInteger came = new AtomicInteger();
        private final BlockingQueue<Integer> letIn = new LinkedBlockingQueue<>();
        private volatile int another = -1;

        @Override
        public void listening(int descriptor) {}

        @Override
        public OptionalLong uid(int descriptor) {
            boolean last = came.incrementAndGet() == MANY + 2;
            another = last ? descriptor : another;
            return OptionalLong.of(last ? ANOTHER : CROWD);
        }

        @Override
        public PinnedCaller attest(int descriptor, Entrance entrance) {
            letIn.add(descriptor);
            return fake.attest(descriptor, entrance);
        }
    }

    @BeforeEach
    void serve() throws Exception {
        readiness.serving();
        injector.atOnce = true;
        injector.answer = _ -> {
            await(go);
            throw new AgentException(FailureKind.SECRET_NOT_FOUND, "not found in default/default", "look again");
        };
        Log log = new Log(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                Clock.systemUTC(),
                Log.Level.ERROR,
                Log.Format.LOGFMT);
        socket = folder.resolve("run/agent.sock");
        WorkloadServer started = new WorkloadServer(
                new Services(injector, attestor, new Fakes.FakeDeliveries(), readiness, new FakeAudit(), log),
                new Limits(LONG, LONG, LONG, LONG, LONG, 2 * MANY, MANY, 1 << 20, 1 << 20, 5, 1));
        started.start(List.of(
                new Listener(Fakes.MAIN, socket, PosixFilePermissions.fromString("rw-------"), Optional.empty())));
        server = Optional.of(started);
        // Keeps the event loop, so that all who come are there at once.
        connect().send(Client.request(LONG, "A"));
        Fakes.next(injector.asked);
    }

    @AfterEach
    void stop() throws Exception {
        go.countDown();
        server.ifPresent(s -> s.drain(Duration.ZERO));
        for (Client client : clients) {
            client.close();
        }
        assertEquals(0, attestor.fake.open.get(), "every pin was given back");
    }

    private Client connect() throws Exception {
        Client client = new Client(socket);
        clients.add(client);
        return client;
    }

    /** The first of all has a place already, so the last of so many finds none. */
    private Client crowd() throws Exception {
        for (int i = 1; i < MANY; i++) {
            connect();
        }
        return connect();
    }

    @Test
    void whoHasHardlyAnyConnectionsGoesPastACrowd() throws Exception {
        Client tooMuch = crowd();
        Client another = connect();
        another.send(new Check().encode(Version.CURRENT));
        go.countDown();

        assertInstanceOf(Status.class, another.receive());
        assertTrue(attestor.letIn.contains(attestor.another));
        int before = new ArrayList<>(attestor.letIn).indexOf(attestor.another);
        assertTrue(before < MANY / 2, before + " were let in before");
        assertEquals(Code.BUSY.number(), tooMuch.refusal().code());
        assertTrue(tooMuch.isEnded());
    }

    @Test
    void everyoneOfACrowdIsLetInInTheEnd() throws Exception {
        crowd();
        go.countDown();
        for (int i = 1; i < MANY; i++) {
            clients.get(i).send(new Check().encode(Version.CURRENT));
            assertInstanceOf(Status.class, clients.get(i).receive());
        }
    }

    @Test
    void whoStillWaitsInLineIsEndedByDraining() throws Exception {
        crowd();
        Thread drain = Thread.ofVirtual().start(() -> server.orElseThrow().drain(Duration.ZERO));
        go.countDown();
        drain.join();
        for (Client client : clients.subList(1, MANY)) {
            assertTrue(client.isEnded());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

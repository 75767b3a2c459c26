package dev.latchkey.agent.consumers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.secret.Holding;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.workload.Signalled;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConsumersTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private final FakeWatch watch = new FakeWatch();
    private final Consumers consumers = new Consumers(watch, new Room(100), InstantSource.fixed(NOW));

    @AfterEach
    void stop() {
        consumers.close();
        assertTrue(watch.closed);
    }

    @Test
    void aProcessIsAConsumerFromItsDeliveryToItsEnd() {
        FakeProcess process = new FakeProcess(42, 1000);
        consumers.delivered(process, "flow", List.of(holding("a", "5"), holding("b", "1")));

        Consumer consumer = consumers.all().getFirst();
        assertEquals("flow 42 1000 " + NOW, text(consumer));
        assertEquals(List.of(holding("a", "5"), holding("b", "1")), consumer.holdings());
        assertEquals(1, process.kept.get());

        watch.end(process);
        await(() -> consumers.count() == 0);
        assertEquals(0, process.kept.get());
        assertTrue(watch.watched.isEmpty());
    }

    @Test
    void whoGotNothingIsNoConsumer() {
        FakeProcess process = new FakeProcess(42, 1000);
        consumers.delivered(process, "flow", List.of());
        assertEquals(0, consumers.count());
        assertEquals(0, process.kept.get());
        assertEquals(0, consumers.untracked());
    }

    @Test
    void aProcessThatAsksAgainIsOneConsumerAndHoldsWhatItGotLast() {
        FakeProcess process = new FakeProcess(42, 1000);
        consumers.delivered(process, "flow", List.of(holding("a", "5"), holding("b", "1")));
        consumers.delivered(process, "flow", List.of(holding("a", "6"), holding("c", "2")));

        assertEquals(1, consumers.count());
        assertEquals(
                List.of(holding("a", "6"), holding("b", "1"), holding("c", "2")),
                consumers.all().getFirst().holdings());
        assertEquals(1, process.kept.get(), "one descriptor is enough");
    }

    @Test
    void twoConnectionsOfOneProcessAreOneConsumer() {
        FakeProcess first = new FakeProcess(77, 42, 1000);
        FakeProcess second = new FakeProcess(77, 42, 1000);
        consumers.delivered(first, "flow", List.of(holding("a", "5")));
        consumers.delivered(second, "flow", List.of(holding("a", "5")));

        assertEquals(1, consumers.count());
        assertEquals(1, first.kept.get());
        assertEquals(0, second.kept.get(), "the second pidfd is given back");
    }

    @Test
    void aVersionThatIsHeldTwiceInOneDeliveryStays() {
        FakeProcess process = new FakeProcess(42, 1000);
        consumers.delivered(process, "flow", List.of(holding("a", "3"), holding("a", "6")));
        assertEquals(
                List.of(holding("a", "3"), holding("a", "6")),
                consumers.all().getFirst().holdings());
    }

    @Test
    void launchesOfOneCommandShareOneList() {
        consumers.delivered(new FakeProcess(1, 1000), "flow", List.of(holding("a", "5")));
        consumers.delivered(new FakeProcess(2, 1000), "flow", List.of(holding("a", "5")));
        List<Consumer> both = consumers.all();
        assertSame(both.get(0).holdings(), both.get(1).holdings());
    }

    @Test
    void launchesThatAskInAnotherOrderShareItToo() {
        consumers.delivered(new FakeProcess(1, 1000), "flow", List.of(holding("a", "5"), holding("b", "1")));
        consumers.delivered(new FakeProcess(2, 1000), "flow", List.of(holding("b", "1"), holding("a", "5")));
        List<Consumer> both = consumers.all();
        assertSame(both.get(0).holdings(), both.get(1).holdings());
    }

    @Test
    void listsShareTheirLocations() {
        consumers.delivered(new FakeProcess(1, 1000), "flow", List.of(holding("a", "5")));
        consumers.delivered(new FakeProcess(2, 1000), "flow", List.of(holding("a", "6")));
        List<Consumer> both = consumers.all();
        assertSame(
                both.get(0).holdings().getFirst().location(),
                both.get(1).holdings().getFirst().location());
    }

    @Test
    void oneProcessThatAsksForEverNewSelectionsIsNotedOnce() {
        Room room = new Room(320);
        try (Consumers few = new Consumers(new FakeWatch(), new Room(100), room, InstantSource.fixed(NOW))) {
            FakeProcess process = new FakeProcess(1, 1000);
            for (int round = 0; round < 1_000; round++) {
                List<Holding> selection = new ArrayList<>();
                for (int i = 0; i < 20; i++) {
                    selection.add(holding("s" + i, i == round % 20 ? "v" + round : "1"));
                }
                Collections.shuffle(selection, new Random(round));
                few.delivered(process, "flow", selection);
            }
            assertEquals(0, few.untracked());
            assertEquals(20, few.all().getFirst().holdings().size());
        }
        assertTrue(room.take(1000, 280), "all was given back but the reserve for others");
    }

    @Test
    void whatIsTooMuchToNoteIsCountedAndItsLeasesAreLeftToThemselves() {
        FakeWatch own = new FakeWatch();
        try (Consumers few = new Consumers(own, new Room(100), new Room(16), InstantSource.fixed(NOW))) {
            FakeProcess first = new FakeProcess(1, 1000);
            few.delivered(first, "flow", many("a", 10));
            few.delivered(new FakeProcess(2, 1000), "flow", many("a", 10));
            assertEquals(0, few.untracked(), "a list that is there takes no room");

            FakeHold left = new FakeHold();
            FakeProcess second = new FakeProcess(3, 1000);
            List<Holding> other = new ArrayList<>(many("b", 9));
            other.add(leased("c", "lease-1", left));
            few.delivered(second, "flow", other);
            assertEquals(1, few.untracked());
            assertEquals(List.of("left"), left.ends(), "the process may use it");
            assertEquals(2, few.count());
            assertEquals(0, second.kept.get());

            few.delivered(new FakeProcess(4, 1001), "flow", List.of(holding("d", "1")));
            assertEquals(3, few.count(), "there is room for users who have hardly any");
        }
    }

    @Test
    void aProcessThatGetsMoreThanCanBeNotedKeepsWhatIsKnownOfIt() {
        FakeWatch own = new FakeWatch();
        try (Consumers few = new Consumers(own, new Room(100), new Room(16), InstantSource.fixed(NOW))) {
            FakeProcess process = new FakeProcess(1, 1000);
            FakeHold hold = new FakeHold();
            few.delivered(process, "flow", List.of(leased("a", "lease-1", hold)));
            FakeHold more = new FakeHold();
            List<Holding> others = new ArrayList<>(many("b", 14));
            others.add(leased("a", "lease-2", more));
            few.delivered(process, "flow", others);
            assertEquals(1, few.untracked());
            assertEquals(List.of("store:default/default/a@lease-1"), texts(few));
            assertEquals(List.of(), hold.ends());
            assertEquals(List.of("left"), more.ends());

            own.end(process);
            await(() -> few.count() == 0);
            assertEquals(List.of("closed"), hold.ends());
            few.delivered(new FakeProcess(2, 1000), "flow", many("b", 14));
            assertEquals(1, few.count(), "its room was given back");
        }
    }

    @Test
    void noProcessIsNotedWithMoreThanItsShare() {
        FakeProcess process = new FakeProcess(1, 1000);
        consumers.delivered(process, "flow", many("a", CommonHoldings.MOST_OF_ONE));
        assertEquals(0, consumers.untracked());
        consumers.delivered(process, "flow", List.of(holding("b", "1")));
        assertEquals(1, consumers.untracked());
    }

    private static List<String> texts(Consumers of) {
        return of.all().getFirst().holdings().stream().map(Holding::toString).toList();
    }

    private static List<Holding> many(String name, int count) {
        return IntStream.range(0, count).mapToObj(i -> holding(name + i, "1")).toList();
    }

    @Test
    void leasesAreHeldUntilTheProcessEnds() {
        FakeProcess process = new FakeProcess(42, 1000);
        FakeHold hold = new FakeHold();
        consumers.delivered(process, "flow", List.of(leased("a", "lease-1", hold)));
        assertEquals(List.of(), hold.ends());

        watch.end(process);
        await(() -> consumers.count() == 0);
        assertEquals(List.of("closed"), hold.ends());
    }

    @Test
    void whatCameUnderAnEarlierLeaseIsHeldOnTo() {
        FakeProcess process = new FakeProcess(1, 1000);
        FakeHold first = new FakeHold();
        FakeHold again = new FakeHold(first.lease());
        FakeHold second = new FakeHold();
        consumers.delivered(process, "flow", List.of(leased("a", "lease-1", first)));
        consumers.delivered(process, "flow", List.of(leased("a", "lease-1", again)));
        consumers.delivered(process, "flow", List.of(leased("a", "lease-2", second)));
        assertEquals(List.of("closed"), first.ends(), "the same lease is held once");
        assertEquals(List.of(), again.ends(), "the process may use it still");
        assertEquals(List.of(), second.ends());
    }

    @Test
    void twoCredentialsOfOneSecondAreTwoLeases() {
        FakeProcess process = new FakeProcess(1, 1000);
        FakeHold first = new FakeHold();
        FakeHold second = new FakeHold();
        consumers.delivered(process, "flow", List.of(leased("a", "2026-01-02T03:04:05Z", first)));
        consumers.delivered(process, "flow", List.of(leased("a", "2026-01-02T03:04:05Z", second)));
        assertEquals(List.of(), first.ends(), "the process may use it still");
        assertEquals(2, consumers.all().getFirst().holdings().size());

        watch.end(process);
        await(() -> consumers.count() == 0);
        assertEquals(List.of("closed"), first.ends());
        assertEquals(List.of("closed"), second.ends());
    }

    @Test
    void twoProcessesNeverShareAHold() {
        FakeHold one = new FakeHold();
        FakeHold other = new FakeHold();
        FakeProcess first = new FakeProcess(1, 1000);
        consumers.delivered(first, "flow", List.of(leased("a", "7", one)));
        consumers.delivered(new FakeProcess(2, 1000), "flow", List.of(leased("a", "7", other)));

        watch.end(first);
        await(() -> consumers.count() == 1);
        assertEquals(List.of("closed"), one.ends());
        assertEquals(List.of(), other.ends());
    }

    @Test
    void whatHasNoRoomIsCountedAndItsLeaseLeftToItself() {
        watch.full = true;
        FakeProcess process = new FakeProcess(42, 1000);
        FakeHold hold = new FakeHold();
        consumers.delivered(process, "flow", List.of(leased("a", "lease-1", hold)));

        assertEquals(0, consumers.count());
        assertEquals(1, consumers.untracked());
        assertEquals(List.of("left"), hold.ends(), "a process may use it that nobody sees");
        assertEquals(0, process.kept.get());

        watch.full = false;
        consumers.delivered(process, "flow", List.of(holding("a", "6")));
        assertEquals(1, consumers.count(), "its place was given back");
    }

    @Test
    void aCrowdOfOneUserLeavesRoomForOthers() {
        for (int pid = 1; pid <= 200; pid++) {
            consumers.delivered(new FakeProcess(pid, 1000), "flow", List.of(holding("a", "5")));
        }
        int ofTheCrowd = consumers.count();
        assertTrue(ofTheCrowd < 100, "all places are taken");
        assertEquals(200 - ofTheCrowd, consumers.untracked());

        consumers.delivered(new FakeProcess(201, 1001), "work", List.of(holding("a", "5")));
        assertEquals(ofTheCrowd + 1, consumers.count());
    }

    @Test
    void placesAreGivenBackWithTheirProcesses() {
        List<FakeProcess> crowd = new ArrayList<>();
        for (int pid = 1; pid <= 200; pid++) {
            FakeProcess process = new FakeProcess(pid, 1000);
            crowd.add(process);
            consumers.delivered(process, "flow", List.of(holding("a", "5")));
        }
        int most = consumers.count();
        crowd.stream().filter(process -> process.kept.get() == 1).forEach(watch::end);
        await(() -> consumers.count() == 0);
        for (int pid = 301; pid <= 500; pid++) {
            consumers.delivered(new FakeProcess(pid, 1000), "flow", List.of(holding("a", "5")));
        }
        assertEquals(most, consumers.count());
    }

    @Test
    void aCrowdOfShortLaunchesWakesTheThreadSeldom() {
        long begun = System.nanoTime();
        for (int pid = 1; pid <= 500; pid++) {
            FakeProcess process = new FakeProcess(pid, pid);
            consumers.delivered(process, "flow", List.of(holding("a", "5")));
            watch.end(process);
            if (pid % 2 == 0) {
                awaitNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
        }
        await(() -> consumers.count() == 0);
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        // It rests 50 ms after each time; one time before the first rest, and one that it waits in now.
        assertTrue(watch.waits.get() <= millis / 50 + 2, watch.waits.get() + " times in " + millis + " ms");
    }

    @Test
    void signalsTheProcessItself() {
        FakeProcess process = new FakeProcess(42, 1000);
        process.result = Signalled.NOT_PERMITTED;
        consumers.delivered(process, "flow", List.of(holding("a", "5")));
        assertEquals(Signalled.NOT_PERMITTED, consumers.all().getFirst().signal(15));
        assertEquals(List.of(15), List.copyOf(process.signals));
    }

    @Test
    void stoppingGivesDescriptorsBackAndLeavesLeasesToThemselves() {
        FakeProcess process = new FakeProcess(42, 1000);
        FakeHold hold = new FakeHold();
        consumers.delivered(process, "flow", List.of(leased("a", "lease-1", hold)));
        await(() -> watch.waiter.isPresent());
        consumers.close();

        assertEquals(0, process.kept.get());
        assertEquals(0, consumers.count());
        assertEquals(List.of("left"), hold.ends(), "the process goes on and may use it");

        FakeProcess late = new FakeProcess(43, 1000);
        consumers.delivered(late, "flow", List.of(holding("a", "5")));
        assertEquals(0, consumers.count(), "nobody would notice its end");
        assertEquals(0, late.kept.get());
        assertFalse(watch.waiter.orElseThrow().isAlive());
    }

    private static String text(Consumer consumer) {
        return consumer.workload() + " " + consumer.pid() + " " + consumer.uid() + " " + consumer.since();
    }

    private static Holding holding(String name, String version) {
        return new Holding(location(name), version);
    }

    private static Holding leased(String name, String version, FakeHold hold) {
        return new Holding(location(name), version, Optional.of(hold));
    }

    private static SecretLocation location(String name) {
        return new SecretLocation("store", "default/default/" + name);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "it did not come");
            Thread.onSpinWait();
        }
    }

    private static void awaitNanos(long nanos) {
        long end = System.nanoTime() + nanos;
        await(() -> System.nanoTime() >= end);
    }
}

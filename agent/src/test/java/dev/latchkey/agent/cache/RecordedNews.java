package dev.latchkey.agent.cache;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.secret.SecretLocation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Remembers what an operator was told. */
final class RecordedNews implements BackendNews {
    final List<String> said = new ArrayList<>();

    @Override
    public synchronized void resting(String provider, Duration pause, Failure failure) {
        said.add("resting for " + pause);
    }

    @Override
    public synchronized void answersAgain(String provider) {
        said.add("answers again");
    }

    @Override
    public synchronized void servedStale(SecretLocation location, Duration age, Failure failure) {
        said.add("stale " + location + " " + age);
    }

    @Override
    public synchronized void leasesNotRenewed(String provider, Failure failure) {
        said.add("not renewed: " + failure.message());
    }

    @Override
    public synchronized void leaseEnds(SecretLocation location, Duration left) {
        said.add(location + " ends in " + left);
    }

    @Override
    public synchronized void leasesFull(String provider, int count) {
        said.add("full: " + count);
    }

    @Override
    public synchronized void leasesNotGivenBack(String provider, int count, Failure failure) {
        said.add(count + " not given back: " + failure.message());
    }
}

package dev.latchkey.agent.config;

import dev.latchkey.agent.policy.RuleLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The keys that every provider has whose backend is reached over a network. */
final class NetworkKeys {
    static final Duration TIMEOUT = Duration.ofSeconds(20);
    static final int RETRIES = 3;

    private static final Key<Path> AUTHORITIES = Key.of(
            "ca-file",
            Scalars.PATH,
            "certificates in PEM that are trusted instead of the runtime's; relative paths begin in the folder of `agent.yaml`",
            "the runtime's");
    private static final Key<Duration> TIME =
            Key.of("timeout", Scalars.SOME_TIME, "of one look-up with all attempts in it", "`20s`");
    private static final Key<Integer> AGAIN =
            Key.of("retries", Scalars.FEW, "further attempts where asking again may help", "`3`");
    private static final Key<RuleLimits> LIMITS = Key.of(
            "limits",
            Keys.limits(),
            "how hard the backend may be asked; beyond it look-ups wait",
            "`{rate: 100/s, concurrent: 20}`");

    static final List<Key<?>> ALL = List.of(AUTHORITIES, TIME, AGAIN, LIMITS);

    private NetworkKeys() {}

    static NetworkConfig of(Section.Fields f, Path folder) {
        return new NetworkConfig(
                f.find(AUTHORITIES).map(file -> folder.resolve(file.value())),
                f.get(TIME, TIMEOUT),
                f.get(AGAIN, RETRIES),
                f.get(LIMITS, RuleLimits.NONE));
    }
}

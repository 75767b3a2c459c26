package dev.latchkey.agent.backend.aws;

import dev.latchkey.agent.backend.aws.AwsSdk.Service;
import dev.latchkey.agent.config.AwsConfig;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.policy.RuleLimits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** Regions that answer as a test says. */
public final class FakeAws implements AwsSdk {
    public static final NetworkConfig NETWORK =
            new NetworkConfig(Optional.empty(), Duration.ofSeconds(20), 0, RuleLimits.NONE);

    private final AtomicLong now = new AtomicLong();
    private final Map<String, Function<AwsQuestion, AwsAnswer>> regions = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private final List<AwsQuestion> questions = new ArrayList<>();
    private final List<Duration> patience = new ArrayList<>();
    private int opened;

    public static AwsConfig config(String... regions) {
        return new AwsConfig(
                List.of(regions), Map.of(), Optional.empty(), new AwsConfig.Auth.Chain(), Optional.empty());
    }

    public AwsRegions regions(String name, String... names) {
        return new AwsRegions(name, Service.SECRETS_MANAGER, config(names), NETWORK, () -> this, now::get);
    }

    public FakeAws says(String region, String json) {
        return does(
                region,
                _ -> new AwsAnswer.Found(new AwsReply("aws in " + region, json.getBytes(StandardCharsets.UTF_8))));
    }

    public FakeAws isMissing(String region) {
        return does(region, _ -> new AwsAnswer.Missing(false));
    }

    public FakeAws isSilent(String region) {
        return does(region, _ -> {
            throw silence(region);
        });
    }

    static UnavailableException silence(String region) {
        return new UnavailableException(
                Failure.of(FailureKind.PROVIDER_UNAVAILABLE, "aws in " + region + " is silent"));
    }

    public FakeAws refuses(String region, FailureKind kind) {
        return does(region, _ -> {
            throw new AgentException(kind, "aws in " + region + " refuses");
        });
    }

    public FakeAws does(String region, Function<AwsQuestion, AwsAnswer> act) {
        regions.put(region, act);
        return this;
    }

    public void passes(Duration time) {
        now.addAndGet(time.toNanos());
    }

    /** The regions that were asked since the last time. */
    public List<String> asked() {
        List<String> all = List.copyOf(asked);
        asked.clear();
        return all;
    }

    public AwsQuestion question() {
        return questions.getLast();
    }

    List<Duration> patience() {
        return patience;
    }

    int opened() {
        return opened;
    }

    @Override
    public AwsRegion open(Place place) {
        opened++;
        return (question, within) -> {
            asked.add(place.region());
            questions.add(question);
            patience.add(within);
            Function<AwsQuestion, AwsAnswer> act = regions.get(place.region());
            if (act == null) {
                throw new AssertionError("nobody said what " + place.region() + " does");
            }
            return act.apply(question);
        };
    }
}

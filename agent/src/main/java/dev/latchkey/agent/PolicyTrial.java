package dev.latchkey.agent;

import dev.latchkey.agent.cli.Collaborators.ConfigTool;
import dev.latchkey.agent.cli.Collaborators.ConfigTool.Checked;
import dev.latchkey.agent.cli.Collaborators.PolicyTester;
import dev.latchkey.agent.config.Accounts;
import dev.latchkey.agent.config.AgentConfig;
import dev.latchkey.agent.config.ConfigLoader;
import dev.latchkey.agent.config.ConfigResult;
import dev.latchkey.agent.config.Elsewhere;
import dev.latchkey.agent.config.Expectation;
import dev.latchkey.agent.config.ExpectationFile;
import dev.latchkey.agent.config.Host;
import dev.latchkey.agent.config.Places;
import dev.latchkey.agent.config.SocketConfig;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.Explainer;
import dev.latchkey.agent.injection.Explainer.Explained;
import dev.latchkey.agent.injection.Explainer.Verdict;
import dev.latchkey.agent.injection.Providers;
import dev.latchkey.agent.injection.Settings;
import dev.latchkey.agent.policy.Policy;
import dev.latchkey.agent.yaml.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code agent policy test}: holds a configuration against what its operator expects, without an agent and without a store. */
final class PolicyTrial implements PolicyTester {
    private static final int LARGEST = 256 * 1024;

    private final Host host;

    PolicyTrial(Host host) {
        this.host = host;
    }

    @Override
    public Tested test(Path file, Optional<Path> named) {
        Places.ConfigFile configured = new Places(host).configFile(named);
        ExpectationFile.Result expected = expectations(file);
        Elsewhere there = Elsewhere.assuming(expected.accounts());
        ConfigResult config = new ConfigLoader(host.trying(there)).load(configured);
        return switch (expected) {
            case ExpectationFile.Result.Expected(List<Expectation> all, Elsewhere.Names told)
            when config instanceof ConfigResult.Loaded(AgentConfig loaded) ->
                new Tested(List.of(), outcomes(all, told, loaded), there.notes());
            case ExpectationFile.Result.Expected _ -> refused(checked(configured.path(), config.problems()));
            case ExpectationFile.Result.Refused bad ->
                refused(checked(file, bad.problems()), checked(configured.path(), config.problems()));
        };
    }

    private static Tested refused(Checked... files) {
        return new Tested(
                Stream.of(files).filter(one -> !one.problems().isEmpty()).toList(), List.of(), List.of());
    }

    private static Checked checked(Path file, List<Problem> problems) {
        return new Checked(
                file,
                true,
                problems.stream()
                        .map(p -> new ConfigTool.Problem(p.line(), p.column(), p.message(), p.hint()))
                        .toList());
    }

    private List<Outcome> outcomes(List<Expectation> expectations, Elsewhere.Names told, AgentConfig config) {
        Policy policy = Policy.of(config.workloads());
        Providers providers = Adapters.ofNames(host).of(config);
        Explainer explainer = new Explainer(() -> new Settings(policy, config.namespace(), providers));
        return expectations.stream()
                .flatMap(expectation -> outcomes(
                        expectation,
                        explainer,
                        new SupposedCaller.Place(listeners(config), policy, accounts(expectation, told))))
                .toList();
    }

    /** Whose number is told is not the one who has it here, so that nothing is known of its groups. */
    private Accounts accounts(Expectation expectation, Elsewhere.Names told) {
        long uid = expectation.caller().credentials().uid();
        return told.users().containsValue(uid) ? Accounts.parse(List.of(), List.of()) : host.accounts();
    }

    private static List<String> listeners(AgentConfig config) {
        List<String> named = config.sockets().stream().map(SocketConfig::name).toList();
        return named.isEmpty() ? List.of(SocketConfig.DEFAULT_NAME) : named;
    }

    private static Stream<Outcome> outcomes(Expectation expectation, Explainer explainer, SupposedCaller.Place place) {
        List<String> references = new ArrayList<>(expectation.allow());
        references.addAll(expectation.deny());
        try {
            SupposedCaller supposed = SupposedCaller.of(expectation.caller(), place);
            List<Explained> all =
                    explainer.explain(supposed.workload(), Optional.empty(), Optional.empty(), references);
            return Stream.iterate(0, i -> i < all.size(), i -> i + 1)
                    .map(i -> outcome(
                            expectation,
                            i < expectation.allow().size() ? Verdict.ALLOW : Verdict.DENY,
                            all.get(i),
                            supposed));
        } catch (AgentException e) {
            Failure failure = e.failure();
            String message = expectation.name() + ": " + failure.message();
            throw new AgentException(new Failure(failure.kind(), message, failure.hint()), e);
        }
    }

    private static Outcome outcome(
            Expectation expectation, Verdict expected, Explained actual, SupposedCaller supposed) {
        boolean byThatRule = expectation.rule().isEmpty() || expectation.rule().equals(actual.rule());
        return new Outcome(
                expectation.name(),
                expectation.line(),
                actual.reference(),
                expected.text() + expectation.rule().map(rule -> " by " + rule).orElse(""),
                actual.decision().text()
                        + actual.rule().map(rule -> " by " + rule).orElse(""),
                actual.decision() == expected && byThatRule,
                supposed.reason(actual.reason()));
    }

    private ExpectationFile.Result expectations(Path file) {
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        return ExpectationFile.parse(content(file), folder, host);
    }

    private static byte[] content(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(LARGEST + 1);
        } catch (IOException e) {
            throw new AgentException(
                    Failure.of(FailureKind.BAD_ARGUMENT, file + " cannot be read", "name a file of expectations"), e);
        }
    }
}

package dev.latchkey.agent.injection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.policy.Policy;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.workload.BearerToken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentNamingsTest {
    private final RecentNamings recent = new RecentNamings();
    private final Settings settings = settings(Namespace.DEFAULT);

    @Test
    void equalRequestsAreTakenApartOnce() {
        assertSame(recent.of(request("a"), settings), recent.of(request("a"), settings));
        assertNotSame(recent.of(request("a"), settings), recent.of(request("b"), settings));
    }

    @Test
    void nothingOfAnotherConfigurationCounts() {
        Namespace elsewhere = new Namespace(new ProjectName("web"), new EnvironmentName("production"));
        assertEquals("default/default/a", path(recent.of(request("a"), settings)));
        assertEquals("web/production/a", path(recent.of(request("a"), settings(elsewhere))));
        assertEquals("default/default/a", path(recent.of(request("a"), settings)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a,default=canary", "a@1@2", "nowhere:a"})
    void neitherDefaultsNorMistakesAreKept(String reference) {
        assertNotSame(recent.of(request(reference), settings), recent.of(request(reference), settings));
    }

    @Test
    void requestsWithTokensAreNotKept() {
        LaunchRequest plain = request("a");
        LaunchRequest request = new LaunchRequest(
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.of(BearerToken.of(new byte[] {1})),
                Optional.empty(),
                Optional.empty(),
                plain.bindings());
        assertNotSame(recent.of(request, settings), recent.of(request, settings));
    }

    @Test
    void largeRequestsAreNotKept() {
        LaunchRequest large = request("x".repeat(2_048));
        assertNotSame(recent.of(large, settings), recent.of(large, settings));
        String[] many = new String[17];
        Arrays.setAll(many, i -> "s" + i);
        assertNotSame(recent.of(request(many), settings), recent.of(request(many), settings));
    }

    @Test
    void whatIsKeptIsBounded() {
        Naming first = recent.of(request("first"), settings);
        for (int i = 0; i < 300; i++) {
            recent.of(request("s" + i), settings);
        }
        assertNotSame(first, recent.of(request("first"), settings));
    }

    private static String path(Naming naming) {
        return assertInstanceOf(Named.Meant.class, naming.bindings().getFirst())
                .location()
                .path();
    }

    private static LaunchRequest request(String... references) {
        List<RequestedBinding> bindings = new ArrayList<>();
        for (String reference : references) {
            bindings.add(new RequestedBinding("V" + bindings.size(), reference, false));
        }
        return new LaunchRequest(
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                bindings);
    }

    private static Settings settings(Namespace namespace) {
        Providers providers = new Providers(List.of(new FakeProvider("store", new ArrayList<>())), "store");
        return new Settings(Policy.of(List.of()), namespace, providers);
    }
}

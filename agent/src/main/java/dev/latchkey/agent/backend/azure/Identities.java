package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.backend.azure.Application.Registration;
import dev.latchkey.agent.backend.azure.ManagedIdentity.Platform;
import dev.latchkey.agent.backend.http.Endpoint;
import dev.latchkey.agent.backend.http.HttpClient;
import dev.latchkey.agent.backend.http.Tls;
import dev.latchkey.agent.config.AzureConfig;
import dev.latchkey.agent.config.AzureConfig.Auth;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds what the agent is to Azure. The variables are those of Microsoft's own libraries. */
final class Identities {
    private static final String TENANT = "AZURE_TENANT_ID";
    private static final String CLIENT = "AZURE_CLIENT_ID";
    private static final String SECRET = "AZURE_CLIENT_SECRET";
    private static final String CERTIFICATE = "AZURE_CLIENT_CERTIFICATE_PATH";
    private static final String FEDERATED = "AZURE_FEDERATED_TOKEN_FILE";
    private static final Set<String> LOCAL = Set.of("127.0.0.1", "localhost");
    private static final String METADATA = "http://169.254.169.254";

    private final String name;
    private final AzureConfig config;
    private final Tls tls;
    private final AzureHost host;

    Identities(String name, AzureConfig config, Tls tls, AzureHost host) {
        this.name = name;
        this.config = config;
        this.tls = tls;
        this.host = host;
    }

    /** The hosts that a vault may name as the one that gives tokens; the first is asked. */
    List<String> authorities() {
        return authority()
                .map(text -> Endpoint.parse(text).stream()
                        .filter(Endpoint.Tcp.class::isInstance)
                        .map(endpoint -> ((Endpoint.Tcp) endpoint).host())
                        .toList())
                .orElseGet(() -> config.effectiveCloud().authorities());
    }

    private Optional<String> authority() {
        return config.authority()
                .or(() -> readsEnvironment() ? host.variable("AZURE_AUTHORITY_HOST") : Optional.empty());
    }

    private boolean readsEnvironment() {
        return config.cloud().isEmpty()
                && (config.auth() instanceof Auth.Default || config.auth() instanceof Auth.WorkloadIdentity);
    }

    /**
     * @throws AgentException {@code PROVIDER_DENIED} if the environment lacks what it needs
     */
    Identity find() {
        return switch (config.auth()) {
            case Auth.Default _ -> byEnvironment();
            case Auth.ClientSecret(String tenant, String client, String secret) ->
                application(tenant, client, new Assertion.Secret(secret));
            case Auth.ClientCertificate(String tenant, String client, Path certificate, Path key) ->
                application(tenant, client, new CertificateAssertion(client, certificate, key, host.clock()));
            case Auth.ManagedIdentity(Optional<String> client) -> managed(client);
            case Auth.WorkloadIdentity(Optional<String> tenant, Optional<String> client, Optional<Path> token) ->
                application(
                        tenant.orElseGet(() -> required(TENANT, "tenant")),
                        client.orElseGet(() -> required(CLIENT, "client-id")),
                        federated(token.orElseGet(() -> Path.of(required(FEDERATED, "token-file")))));
        };
    }

    /** In the order of Microsoft's own libraries, as far as it is for servers. */
    private Identity byEnvironment() {
        Optional<String> tenant = host.variable(TENANT);
        Optional<String> client = host.variable(CLIENT);
        if (tenant.isPresent() && client.isPresent()) {
            Optional<Assertion> assertion = host.variable(SECRET)
                    .<Assertion>map(Assertion.Secret::new)
                    .or(() -> host.variable(CERTIFICATE)
                            .map(Path::of)
                            .map(file -> new CertificateAssertion(client.get(), file, file, host.clock())))
                    .or(() -> host.variable(FEDERATED).map(Path::of).map(Identities::federated));
            if (assertion.isPresent()) {
                return application(tenant.get(), client.get(), assertion.get());
            }
        }
        Identity managed = managed(client);
        return within -> orNone(managed, within);
    }

    /** Where nothing was configured, nobody at the last place to look is no fault of that place. */
    private Grant orNone(Identity managed, Duration within) {
        try {
            return managed.grant(within);
        } catch (UnavailableException e) {
            throw new UnavailableException(
                    Failure.of(
                            e.kind(),
                            name + " finds nothing to log in with: " + e.getMessage(),
                            "set 'auth' of the provider, or AZURE_TENANT_ID, AZURE_CLIENT_ID and a credential in the agent's environment"),
                    e.retryAfter(),
                    e);
        }
    }

    private String required(String variable, String key) {
        return host.variable(variable)
                .orElseThrow(() -> new AgentException(
                        FailureKind.PROVIDER_DENIED,
                        name + " has no workload identity: " + variable + " is not set",
                        "set it in the agent's environment, or '" + key + "' of 'auth'"));
    }

    private static Assertion federated(Path file) {
        return new Assertion.Federated(new TokenFile(file));
    }

    private Identity application(String tenant, String client, Assertion assertion) {
        String address = authority().orElseGet(() -> "https://" + authorities().getFirst());
        HttpClient http = client("the authority of " + name, address);
        requireSecure(http.endpoint());
        return new Application(
                name, new Registration(tenant, client, assertion), config.effectiveResource(), http, host.clock());
    }

    /** SECURITY: a variable is not checked as the configuration is, and a credential goes there. */
    private void requireSecure(Endpoint endpoint) {
        boolean secure = endpoint instanceof Endpoint.Tcp tcp && (tcp.tls() || LOCAL.contains(tcp.host()));
        if (!secure) {
            throw new AgentException(
                    FailureKind.PROVIDER_DENIED,
                    "the authority of " + name + " is not reached over https, and gets no credential",
                    "check AZURE_AUTHORITY_HOST");
        }
    }

    private Identity managed(Optional<String> clientId) {
        Optional<String> endpoint = host.variable("IDENTITY_ENDPOINT");
        Optional<String> secret = host.variable("IDENTITY_HEADER");
        String service = "the managed identity of " + name;
        Platform platform = endpoint.isPresent() && secret.isPresent()
                ? new Platform.App(client(service, endpoint.get()), secret.get())
                : new Platform.Machine(client(
                        service,
                        host.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST").orElse(METADATA)));
        return new ManagedIdentity(name, platform, config.effectiveResource(), clientId, host.clock());
    }

    private HttpClient client(String what, String address) {
        Endpoint endpoint = Endpoint.parse(address)
                .orElseThrow(() -> new AgentException(
                        FailureKind.PROVIDER_DENIED,
                        what + " has an address that is none",
                        "check AZURE_AUTHORITY_HOST, IDENTITY_ENDPOINT and AZURE_POD_IDENTITY_AUTHORITY_HOST"));
        return new HttpClient(what, endpoint, tls);
    }
}

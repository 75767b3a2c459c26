package dev.latchkey.agent.provider.vault;

import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.backend.vault.VaultClient.Answer;
import dev.latchkey.agent.backend.vault.VaultJson;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import dev.latchkey.agent.secret.Lender;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * One lease of a Vault.
 *
 * <p>SECURITY: who knows its id may end it, and in some engines it tells the name of an account. It goes into requests and nowhere else.
 */
final class VaultLender implements Lender {
    private static final String RENEW = "/v1/sys/leases/renew";
    private static final String REVOKE = "/v1/sys/leases/revoke";

    private static final Pattern ID = Pattern.compile("[ -~]{1,4096}");

    private final String name;
    private final VaultClient client;
    private final String id;
    private final boolean renews;
    private final long under;

    private VaultLender(String name, VaultClient client, String id, boolean renews, long under) {
        this.name = name;
        this.client = client;
        this.id = id;
        this.renews = renews;
        this.under = under;
    }

    /** Of what an answer gave; absent if that is no lease. */
    static Optional<Lender> of(Answer answer, String name, VaultClient client) {
        boolean renews = VaultJson.text(name, answer.body(), "renewable")
                .filter("true"::equals)
                .isPresent();
        return VaultJson.text(name, answer.body(), "lease_id")
                .filter(id -> ID.matcher(id).matches())
                .map(id -> new VaultLender(name, client, id, renews, answer.under()));
    }

    @Override
    public boolean renews() {
        return renews;
    }

    @Override
    public Optional<Term> renew(Duration wanted, Duration within) {
        String more = ",\"increment\":" + Math.max(1, wanted.toSeconds());
        try (Answer answer = asked(RENEW, more, within)) {
            if (!answer.there()) {
                return Optional.empty();
            }
            Duration left = Duration.ofSeconds(VaultJson.number(name, answer.body(), "lease_duration"));
            boolean again = VaultJson.text(name, answer.body(), "renewable")
                    .filter("true"::equals)
                    .isPresent();
            return left.isZero() ? Optional.empty() : Optional.of(new Term(left, again));
        }
    }

    /** Its backend queues that and goes on trying by itself. */
    @Override
    public void giveBack(Duration within) {
        asked(REVOKE, ",\"sync\":false", within).close();
    }

    @Override
    public Optional<Duration> most() {
        return client.most(under);
    }

    private Answer asked(String path, String more, Duration within) {
        byte[] body = ("{\"lease_id\":\"" + quoted(id) + "\"" + more + "}").getBytes(StandardCharsets.UTF_8);
        try {
            return client.postOnce(path, body, within);
        } catch (UnavailableException e) {
            throw e;
        } catch (AgentException e) {
            throw e.kind() == FailureKind.PROVIDER_DENIED ? denied(path) : e;
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    private AgentException denied(String path) {
        return new AgentException(Failure.of(
                FailureKind.PROVIDER_DENIED,
                name + " does not let the agent do this with a lease",
                "give the policy of the agent's token or role 'update' on " + path.substring("/v1/".length())));
    }

    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}

package dev.latchkey.agent.backend.azure;

import dev.latchkey.agent.backend.http.HttpResponse;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonAnswer;
import dev.latchkey.agent.secret.SecretValue;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;

/** A token as it goes into a request, with the time it holds. SECURITY: no text form; closing wipes it. */
final class Grant implements AutoCloseable {
    private static final byte[] BEARER = "Bearer ".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST = 32 << 10;

    private final byte[] header;
    private final Duration lifetime;

    private Grant(byte[] header, Duration lifetime) {
        this.header = header;
        this.lifetime = lifetime;
    }

    /**
     * Reads it from the answer of whoever gives tokens.
     *
     * @param name of that, for messages
     * @throws AgentException {@code PROVIDER_MALFORMED}
     */
    static Grant of(String name, HttpResponse response, Clock clock) {
        JsonAnswer answer = new JsonAnswer(name, response.body());
        Duration lifetime = lifetime(name, answer, clock);
        try (SecretValue token = answer.require("access_token")) {
            return new Grant(token.leak(bytes -> header(name, bytes)), lifetime);
        }
    }

    /** A platform that does not say how long says until when. */
    private static Duration lifetime(String name, JsonAnswer answer, Clock clock) {
        Duration lifetime = answer.number("expires_in")
                .or(() -> answer.number("expires_on")
                        .map(at -> at - clock.instant().getEpochSecond()))
                .map(Duration::ofSeconds)
                .orElseThrow(() -> malformed(name, "answers without saying how long a token holds"));
        if (!lifetime.isPositive()) {
            throw malformed(name, "answers with a token that is over");
        }
        return lifetime;
    }

    private static byte[] header(String name, byte[] token) {
        boolean printable = token.length > 0 && token.length <= LONGEST;
        for (byte b : token) {
            printable &= b > ' ' && b <= '~';
        }
        if (!printable) {
            throw malformed(name, "answers with a token that is none");
        }
        byte[] header = Arrays.copyOf(BEARER, BEARER.length + token.length);
        System.arraycopy(token, 0, header, BEARER.length, token.length);
        return header;
    }

    private static AgentException malformed(String name, String what) {
        return new AgentException(FailureKind.PROVIDER_MALFORMED, name + " " + what);
    }

    /** A copy, the caller's to wipe. */
    byte[] copyOfHeader() {
        return header.clone();
    }

    boolean is(byte[] other) {
        return Arrays.equals(header, other);
    }

    Duration lifetime() {
        return lifetime;
    }

    @Override
    public void close() {
        Arrays.fill(header, (byte) 0);
    }
}

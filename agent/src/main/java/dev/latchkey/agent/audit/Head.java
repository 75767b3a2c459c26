package dev.latchkey.agent.audit;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names one record and, through the chain, everything before it. Kept where the log's writer cannot reach it, it makes every
 * change up to that record visible.
 *
 * @param sequence from 1
 * @param hash SHA-256 of the record, 64 lower-case hexadecimal digits
 */
public record Head(long sequence, String hash) {
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,17}):([0-9a-f]{64})");

    public Head {
        if (sequence < 1 || !HASH.matcher(hash).matches()) {
            throw new IllegalStateException("not a head: " + sequence + ":" + hash);
        }
    }

    /**
     * Reads {@code SEQ:HASH}, as {@link #toString} writes it.
     *
     * @throws AgentException of kind {@code BAD_ARGUMENT}
     */
    public static Head parse(String text) {
        return find(text)
                .orElseThrow(() -> new AgentException(
                        FailureKind.BAD_ARGUMENT,
                        "not a head: a number, ':' and 64 lower-case hexadecimal digits are expected",
                        "'agent audit head' prints one"));
    }

    /** The same, and nothing for any other text. */
    public static Optional<Head> find(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new Head(Long.parseLong(matcher.group(1)), matcher.group(2)))
                : Optional.empty();
    }

    @Override
    public String toString() {
        return sequence + ":" + hash;
    }
}

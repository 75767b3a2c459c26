package dev.latchkey.agent.admin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.SecretStore.Expiry;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a version is to live, as operators say it: one integer with {@code ms s m h d}, or {@code never}. */
public sealed interface Lifetime {
    /** No end. */
    record Unlimited() implements Lifetime {}

    /** At least a millisecond, at most 36,500 days. */
    record For(Duration duration) implements Lifetime {}

    /**
     * @throws AgentException of kind {@code BAD_ARGUMENT}
     */
    static Lifetime parse(String text) {
        if (text.equals("never")) {
            return new Unlimited();
        }
        Matcher matcher = Pattern.compile("([0-9]{1,15})(ms|s|m|h|d)").matcher(text);
        if (!matcher.matches()) {
            throw bad();
        }
        Duration duration = millis(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1)));
        if (duration.isZero() || duration.compareTo(Duration.ofDays(36_500)) > 0) {
            throw bad();
        }
        return new For(duration);
    }

    /** When a version that begins to live now expires. */
    default Expiry from(Instant now) {
        return switch (this) {
            case Unlimited _ -> new Expiry.Never();
            case For(Duration duration) -> new Expiry.At(now.plus(duration));
        };
    }

    private static Duration millis(String unit) {
        return switch (unit) {
            case "ms" -> Duration.ofMillis(1);
            case "s" -> Duration.ofSeconds(1);
            case "m" -> Duration.ofMinutes(1);
            case "h" -> Duration.ofHours(1);
            default -> Duration.ofDays(1);
        };
    }

    private static AgentException bad() {
        return new AgentException(
                FailureKind.BAD_ARGUMENT,
                "not a time to live",
                "write one integer with ms, s, m, h or d, as in 90d, up to 36500d; or never");
    }
}

package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.Lifetime;
import dev.latchkey.agent.failure.AgentException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/** A moment, as people write it: a time with its offset, a day in UTC, or how long ago. */
record TimeArgument(Clock clock) {
    Instant parse(String option, String text) {
        try {
            if (text.indexOf('T') > 0) {
                return OffsetDateTime.parse(text).toInstant();
            }
            if (text.indexOf('-') > 0) {
                return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
            }
            if (Lifetime.parse(text) instanceof Lifetime.For(var duration)) {
                return clock.instant().minus(duration);
            }
        } catch (DateTimeException | AgentException e) {
            throw bad(option);
        }
        throw bad(option);
    }

    private static CommandFailure bad(String option) {
        return CommandFailure.usage(
                "not a time for " + option, "write 2026-01-31T09:00:00Z, 2026-01-31, or 2h for two hours ago");
    }
}

package dev.latchkey.agent.admin.view;

import dev.latchkey.agent.failure.Failure;
import java.util.Optional;

/** How a refusal or failure is told: {@code {"error":{"code","message","hint"}}}. */
public record ErrorView(Body error) {
    /** Its content. */
    public record Body(String code, String message, Optional<String> hint) {}

    public static ErrorView of(Failure failure) {
        return new ErrorView(new Body(failure.kind().text(), failure.message(), failure.hint()));
    }
}

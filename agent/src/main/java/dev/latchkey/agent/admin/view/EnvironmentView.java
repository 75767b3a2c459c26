package dev.latchkey.agent.admin.view;

import dev.latchkey.agent.secret.Environment;
import java.time.Instant;

/** An environment of a project. */
public record EnvironmentView(String project, String environment, Instant created) {
    public static EnvironmentView of(Environment environment) {
        return new EnvironmentView(
                environment.project().text(), environment.name().text(), environment.created());
    }
}

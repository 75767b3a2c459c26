package dev.latchkey.agent.admin.view;

import dev.latchkey.agent.secret.Project;
import java.time.Instant;

/** A project. */
public record ProjectView(String project, String naming, Instant created) {
    public static ProjectView of(Project project) {
        return new ProjectView(project.name().text(), project.naming().text(), project.created());
    }
}

package dev.latchkey.agent.secret;

import java.time.Instant;

/** An environment of a project as an operator sees it. */
public record Environment(ProjectName project, EnvironmentName name, Instant created) {}

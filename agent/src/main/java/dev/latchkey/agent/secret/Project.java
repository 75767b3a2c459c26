package dev.latchkey.agent.secret;

import java.time.Instant;

/** A project as an operator sees it. */
public record Project(ProjectName name, NamingRule naming, Instant created) {}

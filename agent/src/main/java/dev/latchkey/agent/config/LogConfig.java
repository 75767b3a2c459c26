package dev.latchkey.agent.config;

import dev.latchkey.agent.telemetry.Log;

/** The agent's own log lines. */
public record LogConfig(Log.Level level, Log.Format format) {}

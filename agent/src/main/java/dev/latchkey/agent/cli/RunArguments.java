package dev.latchkey.agent.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The arguments of {@code agent run}, read without picocli as long as nothing is wrong with them: its classes are too old for the AOT cache, and loading
 * and reflecting took a third of the agent's start. Whatever is not plainly right is left to {@link AgentCommands.Run}, which says what is wrong with it.
 */
final class RunArguments {
    static final List<String> LEVELS = List.of("error", "warn", "info", "debug");
    static final List<String> FORMATS = List.of("logfmt", "json");

    private static final String CONFIG = "--config";
    private static final String STATE = "--state";
    private static final String SOCKET = "--socket";
    private static final String LOG_LEVEL = "--log-level";
    private static final String LOG_FORMAT = "--log-format";
    private static final List<String> NAMES = List.of(CONFIG, STATE, SOCKET, LOG_LEVEL, LOG_FORMAT);

    private final Map<String, String> given = new HashMap<>();

    private RunArguments() {}

    /**
     * @param own from {@code run} up to a {@code --}
     * @param command what follows it; empty: none
     * @return empty if help is asked for, or anything is wrong
     */
    static Optional<AgentRunner.Options> read(String[] own, List<String> command) {
        RunArguments arguments = new RunArguments();
        return arguments.take(own) && arguments.areChoices()
                ? Optional.of(arguments.options(command))
                : Optional.empty();
    }

    private boolean take(String... own) {
        int next = 1;
        while (next < own.length) {
            String typed = own[next++];
            int equals = typed.indexOf('=');
            String name = equals < 0 ? typed : typed.substring(0, equals);
            String value;
            if (equals >= 0) {
                value = typed.substring(equals + 1);
            } else if (next < own.length && !own[next].startsWith("-")) {
                value = own[next++];
            } else {
                return false;
            }
            if (value.isEmpty() || !NAMES.contains(name) || given.put(name, value) != null) {
                return false;
            }
        }
        return true;
    }

    private boolean areChoices() {
        return LEVELS.contains(given.getOrDefault(LOG_LEVEL, "info"))
                && FORMATS.contains(given.getOrDefault(LOG_FORMAT, "logfmt"));
    }

    private AgentRunner.Options options(List<String> command) {
        return new AgentRunner.Options(
                text(CONFIG).map(Path::of),
                text(STATE).map(Path::of),
                text(SOCKET).map(Path::of),
                text(LOG_LEVEL),
                text(LOG_FORMAT),
                command);
    }

    private Optional<String> text(String name) {
        return Optional.ofNullable(given.get(name));
    }
}

package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Problem;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A machine with a few users, and short ways to load text on it. */
final class Fixture {
    static final Accounts ACCOUNTS = Accounts.parse(
            List.of(
                    "root:x:0:0:root:/root:/bin/sh",
                    "alice:x:1000:1000:Alice:/home/alice:/bin/sh",
                    "latchkey:x:990:990::/var/lib/latchkey:/usr/sbin/nologin",
                    "# a comment",
                    "broken:x:not-a-number:1::/:/bin/sh"),
            List.of(
                    "root:x:0:",
                    "workers:x:2000:alice",
                    "workloads:x:2001:",
                    "web:x:2002:",
                    "ops:x:2003:",
                    "dev:x:2004:"));

    static final Path FILE = Path.of("/etc/latchkey/agent.yaml");

    private Fixture() {}

    static Host host(Map<String, String> environment) {
        return host(1000, environment, Set.of());
    }

    static Host host(long uid, Map<String, String> environment, Set<Path> existing) {
        return new Host(uid, environment, ACCOUNTS, existing::contains, Map.of());
    }

    static ConfigResult load(String yaml) {
        return load(yaml, Map.of());
    }

    static ConfigResult load(String yaml, Map<String, String> environment) {
        return new ConfigLoader(host(environment)).parse(yaml.getBytes(StandardCharsets.UTF_8), FILE);
    }

    static AgentConfig config(String yaml) {
        return config(yaml, Map.of());
    }

    static AgentConfig config(String yaml, Map<String, String> environment) {
        return switch (load(yaml, environment)) {
            case ConfigResult.Loaded(AgentConfig config) -> config;
            case ConfigResult.Refused(List<Problem> problems) -> throw new AssertionError("refused: " + problems);
        };
    }

    /** {@code LINE:COLUMN: MESSAGE (HINT)} for each problem. */
    static List<String> problems(String yaml) {
        return problems(yaml, Map.of());
    }

    static List<String> problems(String yaml, Map<String, String> environment) {
        return lines(load(yaml, environment).problems());
    }

    static List<String> lines(List<Problem> problems) {
        return problems.stream().map(Fixture::line).toList();
    }

    private static String line(Problem problem) {
        String hint = problem.hint().map(text -> " (" + text + ")").orElse("");
        return problem.line() + ":" + problem.column() + ": " + problem.message() + hint;
    }
}

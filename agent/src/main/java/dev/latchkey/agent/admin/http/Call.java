package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.Operator;
import dev.latchkey.agent.admin.view.Order;
import dev.latchkey.agent.admin.view.RecordJson;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretValue;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request that has come in, as a route sees it.
 *
 * @param segments the segments of the path that vary
 * @param query parameters that the route knows; all but {@code scope} at most once
 * @param defaults where names live for which the request says nothing else
 */
record Call(
        Operator operator,
        Map<String, String> segments,
        Map<String, List<String>> query,
        Content content,
        Namespace defaults)
        implements AutoCloseable {
    private static final String PROJECT = "project";
    private static final String ENVIRONMENT = "environment";

    /** What the request carries. */
    sealed interface Content {
        record None() implements Content {}

        record Json(InputStream text) implements Content {}

        record Value(SecretValue value) implements Content {}

        record Stream(BodyStream stream) implements Content {}
    }

    String segment(String name) {
        String text = segments.get(name);
        if (text == null) {
            throw new IllegalStateException("the route has no segment " + name);
        }
        return text;
    }

    Optional<String> parameter(String name) {
        return query.getOrDefault(name, List.of()).stream().findFirst();
    }

    List<String> all(String name) {
        return query.getOrDefault(name, List.of());
    }

    boolean flag(String name) {
        return parameter(name)
                .map(text -> switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default -> throw bad("'" + name + "' must be true or false");
                })
                .orElse(false);
    }

    Optional<Long> number(String name) {
        return parameter(name).map(text -> {
            if (!text.matches("[1-9][0-9]{0,17}")) {
                throw bad("'" + name + "' must be a number from 1");
            }
            return Long.valueOf(text);
        });
    }

    long requireNumber(String name) {
        return number(name).orElseThrow(() -> bad("'" + name + "' must be given"));
    }

    ProjectName project() {
        return parameter(PROJECT).map(ProjectName::new).orElse(defaults.project());
    }

    /** Whether the query says where names live. */
    boolean namesPlace() {
        return parameter(PROJECT).isPresent() || parameter(ENVIRONMENT).isPresent();
    }

    Namespace namespace() {
        return namespace(parameter(PROJECT), parameter(ENVIRONMENT));
    }

    Namespace namespace(Optional<String> project, Optional<String> environment) {
        return new Namespace(
                project.map(ProjectName::new).orElse(defaults.project()),
                environment.map(EnvironmentName::new).orElse(defaults.environment()));
    }

    SecretPath path() {
        return new SecretPath(namespace(), new SecretName(segment("name")));
    }

    /** Wipes or releases what the request carried. */
    @Override
    public void close() {
        switch (content) {
            case Content.None _, Content.Json _ -> {}
            case Content.Value(SecretValue value) -> value.close();
            case Content.Stream(BodyStream stream) -> stream.close();
        }
    }

    SecretValue value() {
        if (content instanceof Content.Value(SecretValue value)) {
            return value;
        }
        throw notCarried("value");
    }

    InputStream stream() {
        if (content instanceof Content.Stream(BodyStream stream)) {
            return stream;
        }
        throw notCarried("stream");
    }

    <T extends Record & Order> T order(Class<T> type) {
        if (!(content instanceof Content.Json(InputStream text))) {
            throw notCarried("JSON");
        }
        try {
            return RecordJson.read(text, type);
        } catch (RecordJson.Unreadable e) {
            throw new AgentException(
                    Failure.of(FailureKind.BAD_ARGUMENT, "the body cannot be read: " + e.getMessage()), e);
        }
    }

    static AgentException bad(String message) {
        return new AgentException(FailureKind.BAD_ARGUMENT, message);
    }

    private static IllegalStateException notCarried(String wanted) {
        return new IllegalStateException("a route asks for a body that it does not take: " + wanted);
    }
}

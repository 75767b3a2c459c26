package dev.latchkey.agent.admin;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.Likeness;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Hints at the name that was probably meant where one does not exist. SECURITY: only for operators, each of whom may list all names; the store's own
 * refusals, which workloads get too, name none.
 */
record Meant(SecretStore store) {
    /** The command, of which a refusal gets a better hint where there is one. */
    <T> T of(SecretPath path, Supplier<T> command) {
        return hinting(path.namespace(), Optional.of(path.name().text()), command);
    }

    /** Likewise of a command about an environment. */
    <T> T in(Namespace namespace, Supplier<T> command) {
        return hinting(namespace, Optional.empty(), command);
    }

    /** Likewise of a command about a project. */
    <T> T in(ProjectName project, Supplier<T> command) {
        return hinting(new Namespace(project, EnvironmentName.DEFAULT), Optional.empty(), command);
    }

    private <T> T hinting(Namespace namespace, Optional<String> secret, Supplier<T> command) {
        try {
            return command.get();
        } catch (AgentException e) {
            String typed = typed(e.kind(), namespace, secret);
            throw Likeness.nearest(typed, known(e.kind(), namespace))
                    .filter(near -> !near.equals(typed))
                    .map(near -> hinting(e, near))
                    .orElseGet(() -> isNowhere(e.kind(), namespace, typed) ? listing(e) : e);
        }
    }

    /** Rather than deleted, which the store's own hint speaks of. */
    private boolean isNowhere(FailureKind kind, Namespace namespace, String typed) {
        return kind == FailureKind.SECRET_NOT_FOUND
                && store.list(namespace).stream()
                        .noneMatch(secret -> secret.path().name().text().equals(typed));
    }

    /** To make one is no help to who wants to see, change or remove one. */
    private static AgentException listing(AgentException e) {
        return new AgentException(
                Failure.of(e.kind(), e.failure().message(), "'agent secret list' shows what is there"), e);
    }

    private static String typed(FailureKind kind, Namespace namespace, Optional<String> secret) {
        return switch (kind) {
            case UNKNOWN_PROJECT -> namespace.project().text();
            case UNKNOWN_ENVIRONMENT -> namespace.environment().text();
            default -> secret.orElse("");
        };
    }

    private Collection<String> known(FailureKind kind, Namespace namespace) {
        return switch (kind) {
            case UNKNOWN_PROJECT ->
                store.projects().stream().map(project -> project.name().text()).toList();
            case UNKNOWN_ENVIRONMENT ->
                store.environments(namespace.project()).stream()
                        .map(environment -> environment.name().text())
                        .toList();
            case SECRET_NOT_FOUND ->
                store.list(namespace).stream()
                        .filter(secret -> secret.deleted().isEmpty())
                        .map(secret -> secret.path().name().text())
                        .toList();
            default -> List.of();
        };
    }

    /** Of a secret the other hint is how to make it; of a place it stays useful. */
    private static AgentException hinting(AgentException e, String near) {
        String hint = "did you mean " + near + "?";
        String also = e.kind() == FailureKind.SECRET_NOT_FOUND
                ? ""
                : e.failure().hint().map(other -> " Otherwise " + other).orElse("");
        return new AgentException(Failure.of(e.kind(), e.failure().message(), hint + also), e);
    }
}

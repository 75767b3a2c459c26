package dev.latchkey.agent.store;

import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.SecretName;
import dev.latchkey.agent.secret.SecretPath;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One row of table {@code secret}.
 *
 * @param scopes as {@link Scopes} writes them
 */
record SecretRow(
        long id,
        SecretPath path,
        long nextVersion,
        Instant created,
        Instant updated,
        Optional<Instant> deleted,
        String scopes,
        Optional<String> description) {
    private static final String SELECT =
            "SELECT id, name, next_version, created, updated, deleted, scopes, description FROM secret WHERE environment = ?";

    /**
     * @throws dev.latchkey.agent.failure.AgentException if project or environment are unknown
     */
    static Optional<SecretRow> find(Session session, SecretPath path) throws SQLException {
        long environment = Projects.environmentId(session, path.namespace());
        return session.first(
                SELECT + " AND name = ?",
                row -> of(path, row),
                environment,
                path.name().text());
    }

    static List<SecretRow> list(Session session, Namespace namespace) throws SQLException {
        long environment = Projects.environmentId(session, namespace);
        return session.list(
                SELECT + " ORDER BY name",
                row -> of(new SecretPath(namespace, new SecretName(row.text(2))), row),
                environment);
    }

    private static SecretRow of(SecretPath path, Row row) throws SQLException {
        return new SecretRow(
                row.number(1),
                path,
                row.number(3),
                row.time(4),
                row.time(5),
                row.optionalTime(6),
                row.text(7),
                row.optionalText(8));
    }
}

package dev.latchkey.agent.store;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.Environment;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.Project;
import dev.latchkey.agent.secret.ProjectName;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Projects and environments, each method within a session of its caller. */
final class Projects {
    private final Clock clock;

    Projects(Clock clock) {
        this.clock = clock;
    }

    List<Project> list(Session session) throws SQLException {
        return session.list(
                "SELECT name, naming, created FROM project ORDER BY name",
                row -> new Project(new ProjectName(row.text(1)), NamingRule.parse(row.text(2)), row.time(3)));
    }

    /** Makes the project with its data key and its default environment. */
    Project create(Session session, Keyring keyring, ProjectName name, NamingRule naming, NewDataKey key)
            throws SQLException {
        if (session.first("SELECT 1 FROM project WHERE name = ?", row -> row.number(1), name.text())
                .isPresent()) {
            throw new AgentException(FailureKind.ALREADY_EXISTS, "project " + name + " exists already");
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        session.update("INSERT INTO project (name, naming, created) VALUES (?, ?, ?)", name.text(), naming.text(), now);
        long id = id(session, name);
        insertEnvironment(session, id, EnvironmentName.DEFAULT, now);
        key.insert(session, keyring, id, now);
        return new Project(name, naming, now);
    }

    void delete(Session session, Keyring keyring, ProjectName name) throws SQLException {
        long id = id(session, name);
        long secrets = session.number(
                "SELECT count(*) FROM secret s JOIN environment e ON e.id = s.environment WHERE e.project = ?", id);
        requireEmpty("project " + name, secrets);
        String key = session.first("SELECT id FROM data_key WHERE project = ?", row -> row.text(1), id)
                .orElseThrow(() -> new SQLException("a project without a data key"));
        session.update("DELETE FROM wrapped_key WHERE data_key = ?", key);
        session.update("DELETE FROM data_key WHERE id = ?", key);
        session.update("DELETE FROM environment WHERE project = ?", id);
        session.update("DELETE FROM project WHERE id = ?", id);
        session.afterCommit(() -> keyring.remove(key));
    }

    List<Environment> environments(Session session, ProjectName project) throws SQLException {
        long id = id(session, project);
        return session.list(
                "SELECT name, created FROM environment WHERE project = ? ORDER BY name",
                row -> new Environment(project, new EnvironmentName(row.text(1)), row.time(2)),
                id);
    }

    Environment createEnvironment(Session session, ProjectName project, EnvironmentName name) throws SQLException {
        long id = id(session, project);
        String sql = "SELECT 1 FROM environment WHERE project = ? AND name = ?";
        if (session.first(sql, row -> row.number(1), id, name.text()).isPresent()) {
            throw new AgentException(
                    FailureKind.ALREADY_EXISTS, "environment " + name + " exists already in project " + project);
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        insertEnvironment(session, id, name, now);
        return new Environment(project, name, now);
    }

    void deleteEnvironment(Session session, ProjectName project, EnvironmentName name) throws SQLException {
        long id = environmentId(session, new Namespace(project, name));
        long secrets = session.number("SELECT count(*) FROM secret WHERE environment = ?", id);
        requireEmpty("environment " + name + " of project " + project, secrets);
        session.update("DELETE FROM environment WHERE id = ?", id);
    }

    static long environmentId(Session session, Namespace namespace) throws SQLException {
        long project = id(session, namespace.project());
        String sql = "SELECT id FROM environment WHERE project = ? AND name = ?";
        return session.first(
                        sql,
                        row -> row.number(1),
                        project,
                        namespace.environment().text())
                .orElseThrow(() ->
                        new AgentException(Refusals.unknownEnvironment(namespace.project(), namespace.environment())));
    }

    private static long id(Session session, ProjectName name) throws SQLException {
        return session.first("SELECT id FROM project WHERE name = ?", row -> row.number(1), name.text())
                .orElseThrow(() -> new AgentException(Refusals.unknownProject(name)));
    }

    private static void insertEnvironment(Session session, long project, EnvironmentName name, Instant now)
            throws SQLException {
        session.update("INSERT INTO environment (project, name, created) VALUES (?, ?, ?)", project, name.text(), now);
    }

    private static void requireEmpty(String what, long secrets) {
        if (secrets > 0) {
            throw new AgentException(
                    FailureKind.NOT_EMPTY,
                    what + " is not empty: " + secrets + (secrets == 1 ? " secret lives" : " secrets live") + " in it",
                    "purge them first; deleted ones count too");
        }
    }
}

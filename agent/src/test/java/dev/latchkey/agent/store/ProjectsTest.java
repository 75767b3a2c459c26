package dev.latchkey.agent.store;

import static dev.latchkey.agent.store.StoreFixture.START;
import static dev.latchkey.agent.store.StoreFixture.assertFailure;
import static dev.latchkey.agent.store.StoreFixture.assertRefused;
import static dev.latchkey.agent.store.StoreFixture.path;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.Environment;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.Project;
import dev.latchkey.agent.secret.ProjectName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectsTest {
    private static final ProjectName WEB = new ProjectName("web");
    private static final EnvironmentName PROD = new EnvironmentName("prod");

    @TempDir
    private Path folder;

    private StoreFixture f;

    @BeforeEach
    void open() {
        f = new StoreFixture(folder).open();
    }

    @AfterEach
    void close() {
        f.close();
    }

    @Test
    void hasDefaultOfBothFromTheFirstStart() {
        f.reopen();

        assertEquals(List.of(new Project(ProjectName.DEFAULT, NamingRule.ANY, START)), f.store.projects());
        assertEquals(
                List.of(new Environment(ProjectName.DEFAULT, EnvironmentName.DEFAULT, START)),
                f.store.environments(ProjectName.DEFAULT));
    }

    @Test
    void makesAProjectWithItsDefaultEnvironment() {
        assertEquals(new Project(WEB, NamingRule.DNS, START), f.store.createProject(WEB, NamingRule.DNS));
        f.put(path("web", "default", "key"), "value");
        f.reopen();

        assertEquals("value", f.read(path("web", "default", "key"), Optional.empty()));
        assertRefused(
                FailureKind.ALREADY_EXISTS,
                "project web exists already",
                () -> f.store.createProject(WEB, NamingRule.ANY));
    }

    @Test
    void keepsNamesOfEnvironmentsApart() {
        f.store.createProject(WEB, NamingRule.ANY);
        assertEquals(new Environment(WEB, PROD, START), f.store.createEnvironment(WEB, PROD));
        f.put(path("web", "default", "a"), "1");
        f.put(path("web", "prod", "a"), "2");
        f.put(path("default", "default", "a"), "3");

        assertEquals("1", f.read(path("web", "default", "a"), Optional.empty()));
        assertEquals("2", f.read(path("web", "prod", "a"), Optional.empty()));
        assertEquals("3", f.read(path("default", "default", "a"), Optional.empty()));
        assertRefused(
                FailureKind.ALREADY_EXISTS,
                "environment prod exists already in project web",
                () -> f.store.createEnvironment(WEB, PROD));
    }

    @Test
    void refusesNamesOutsideTheProjectsRule() {
        f.store.createProject(WEB, NamingRule.POSIX);

        assertRefused(
                FailureKind.BAD_NAME,
                "db-password: not a name for a secret of project web",
                () -> f.put(path("web", "default", "db-password"), "x"));
        assertEquals(List.of(), f.store.list(new Namespace(WEB, EnvironmentName.DEFAULT)));
        assertEquals(1, f.put(path("web", "default", "DB_PASSWORD"), "x").version());
    }

    @Test
    void deletesOnlyWhatIsEmpty() {
        f.store.createProject(WEB, NamingRule.ANY);
        f.store.createEnvironment(WEB, PROD);
        var secret = path("web", "prod", "a");
        f.put(secret, "x");
        f.store.delete(secret);

        assertRefused(
                FailureKind.NOT_EMPTY,
                "environment prod of project web is not empty: 1 secret lives in it",
                () -> f.store.deleteEnvironment(WEB, PROD));
        assertRefused(
                FailureKind.NOT_EMPTY,
                "project web is not empty: 1 secret lives in it",
                () -> f.store.deleteProject(WEB));

        f.store.purge(secret, Optional.empty());
        f.store.deleteEnvironment(WEB, PROD);
        assertFailure(
                FailureKind.UNKNOWN_ENVIRONMENT,
                "environment prod does not exist in project web",
                f.absent(secret, Optional.empty()));
        f.store.deleteProject(WEB);
        assertFailure(FailureKind.UNKNOWN_PROJECT, "project web does not exist", f.absent(secret, Optional.empty()));
        assertEquals(1, f.store.keys().dataKeys());
    }

    @Test
    void goesOnCountingWhenADeletedPlaceIsMadeAgain() {
        f.store.createProject(WEB, NamingRule.ANY);
        var secret = path("web", "default", "a");
        f.put(secret, "x");
        f.store.purge(secret, Optional.empty());
        f.store.deleteProject(WEB);
        f.store.createProject(WEB, NamingRule.ANY);

        assertEquals(2, f.put(secret, "y").version());
    }

    @Test
    void makesNothingForAnUnknownName() {
        assertRefused(
                FailureKind.UNKNOWN_PROJECT,
                "project web does not exist",
                () -> f.put(path("web", "default", "a"), "x"));
        assertRefused(
                FailureKind.UNKNOWN_ENVIRONMENT,
                "environment prod does not exist in project default",
                () -> f.put(path("default", "prod", "a"), "x"));
        assertRefused(FailureKind.UNKNOWN_PROJECT, "project web does not exist", () -> f.store.deleteProject(WEB));
        assertRefused(FailureKind.UNKNOWN_PROJECT, "project web does not exist", () -> f.store.environments(WEB));
        assertEquals(1, f.store.projects().size());
    }
}

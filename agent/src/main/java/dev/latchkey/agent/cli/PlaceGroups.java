package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.EnvironmentView;
import dev.latchkey.agent.admin.view.Order;
import dev.latchkey.agent.admin.view.ProjectView;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.ProjectName;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands about where names live. */
final class PlaceGroups {
    private PlaceGroups() {}

    /** {@code agent project …}. */
    @Command(name = "project", description = "list, create and delete projects")
    static final class ProjectGroup {
        private static final String NAME = "the project's name";

        private final Session session;

        ProjectGroup(Session session) {
            this.session = session;
        }

        @Command(name = "list", description = "list the projects")
        int list(@Mixin Connection connection, @Mixin Format format) {
            Target target = Target.of("/v1/projects");
            session.list(session.client(connection), target, format, ProjectView.class, all -> {
                Table table = new Table("PROJECT", "NAMING", "CREATED");
                all.forEach(project -> table.row(project.project(), project.naming(), project.created()));
                return table;
            });
            return 0;
        }

        @Command(name = "create", description = "make a project, with the environment 'default'")
        int create(
                @Parameters(paramLabel = "P", description = NAME) String name,
                @Option(
                                names = "--naming",
                                paramLabel = "N",
                                completionCandidates = Choices.Namings.class,
                                description = "how secrets may be named in it: any (default), dns or posix")
                        Optional<String> naming,
                @Mixin Connection connection,
                @Mixin Format format) {
            Order order = new Order.CreateProject(new ProjectName(name).text(), naming);
            session.client(connection)
                    .order(
                            "POST",
                            Target.of("/v1/projects"),
                            order,
                            session.one(format, ProjectView.class, made -> "created " + made.project() + "\n"));
            return 0;
        }

        @Command(name = "delete", description = "delete a project in which there is no secret")
        int delete(@Parameters(paramLabel = "P", description = NAME) String name, @Mixin Connection connection) {
            String project = new ProjectName(name).text();
            session.client(connection).delete(Target.of("/v1/projects").segment(project));
            session.println("deleted " + project);
            return 0;
        }
    }

    /** {@code agent environment …}. */
    @Command(name = "environment", description = "list, create and delete the environments of a project")
    static final class EnvironmentGroup {
        private static final String NAME = "the environment's name";
        private static final String PROJECT = "the project; default: the configuration's";

        private final Session session;

        EnvironmentGroup(Session session) {
            this.session = session;
        }

        @Command(name = "list", description = "list the environments of a project")
        int list(
                @Option(names = "--project", paramLabel = "P", description = PROJECT) Optional<String> project,
                @Mixin Connection connection,
                @Mixin Format format) {
            Target target = Target.of("/v1/environments").with("project", project);
            session.list(session.client(connection), target, format, EnvironmentView.class, all -> {
                Table table = new Table("PROJECT", "ENVIRONMENT", "CREATED");
                all.forEach(environment ->
                        table.row(environment.project(), environment.environment(), environment.created()));
                return table;
            });
            return 0;
        }

        @Command(name = "create", description = "make an environment")
        int create(
                @Parameters(paramLabel = "E", description = NAME) String name,
                @Option(names = "--project", paramLabel = "P", description = PROJECT) Optional<String> project,
                @Mixin Connection connection,
                @Mixin Format format) {
            Target target = Target.of("/v1/environments").with("project", project);
            Order order = new Order.CreateEnvironment(new EnvironmentName(name).text());
            session.client(connection)
                    .order(
                            "POST",
                            target,
                            order,
                            session.one(
                                    format,
                                    EnvironmentView.class,
                                    made -> "created " + made.project() + "/" + made.environment() + "\n"));
            return 0;
        }

        @Command(name = "delete", description = "delete an environment in which there is no secret")
        int delete(
                @Parameters(paramLabel = "E", description = NAME) String name,
                @Option(names = "--project", paramLabel = "P", description = PROJECT) Optional<String> project,
                @Mixin Connection connection) {
            String environment = new EnvironmentName(name).text();
            Target target = Target.of("/v1/environments").segment(environment).with("project", project);
            session.client(connection).delete(target);
            session.println("deleted " + environment);
            return 0;
        }
    }
}

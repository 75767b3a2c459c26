package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.EnvironmentView;
import dev.latchkey.agent.admin.view.ProjectView;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.SecretStore;
import java.util.List;

/** The commands about projects and environments, where names live. */
public final class PlaceCommands {
    private final Accountability accountability;
    private final SecretStore store;
    private final Meant meant;

    public PlaceCommands(Accountability accountability, SecretStore store) {
        this.accountability = accountability;
        this.store = store;
        this.meant = new Meant(store);
    }

    public List<ProjectView> projects(Operator operator) {
        return accountability.perform(
                operator,
                Action.PROJECT_LIST,
                "",
                () -> store.projects().stream().map(ProjectView::of).toList());
    }

    public ProjectView createProject(Operator operator, ProjectName name, NamingRule naming) {
        return accountability.perform(
                operator, Action.PROJECT_CREATE, name.text(), () -> ProjectView.of(store.createProject(name, naming)));
    }

    public void deleteProject(Operator operator, ProjectName name) {
        accountability.perform(
                operator,
                Action.PROJECT_DELETE,
                name.text(),
                () -> meant.in(name, () -> {
                    store.deleteProject(name);
                    return true;
                }));
    }

    public List<EnvironmentView> environments(Operator operator, ProjectName project) {
        return accountability.perform(
                operator,
                Action.ENVIRONMENT_LIST,
                project.text(),
                () -> meant.in(
                        project,
                        () -> store.environments(project).stream()
                                .map(EnvironmentView::of)
                                .toList()));
    }

    public EnvironmentView createEnvironment(Operator operator, ProjectName project, EnvironmentName name) {
        return accountability.perform(
                operator,
                Action.ENVIRONMENT_CREATE,
                project + "/" + name,
                () -> meant.in(project, () -> EnvironmentView.of(store.createEnvironment(project, name))));
    }

    public void deleteEnvironment(Operator operator, ProjectName project, EnvironmentName name) {
        accountability.perform(
                operator,
                Action.ENVIRONMENT_DELETE,
                project + "/" + name,
                () -> meant.in(new Namespace(project, name), () -> {
                    store.deleteEnvironment(project, name);
                    return true;
                }));
    }
}

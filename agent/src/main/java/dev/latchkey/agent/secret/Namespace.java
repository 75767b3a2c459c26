package dev.latchkey.agent.secret;

/** Where a secret's name lives: a project and one of its environments. */
public record Namespace(ProjectName project, EnvironmentName environment) {
    public static final Namespace DEFAULT = new Namespace(ProjectName.DEFAULT, EnvironmentName.DEFAULT);

    @Override
    public String toString() {
        return project + "/" + environment;
    }
}

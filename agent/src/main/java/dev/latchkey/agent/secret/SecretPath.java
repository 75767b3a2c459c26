package dev.latchkey.agent.secret;

/** The whole name of a secret in the store; its text is {@code project/environment/name}. */
public record SecretPath(Namespace namespace, SecretName name) implements Comparable<SecretPath> {
    public ProjectName project() {
        return namespace.project();
    }

    public EnvironmentName environment() {
        return namespace.environment();
    }

    /** Each launch asks for it some times over; the generated one goes through those of four records. */
    @Override
    public int hashCode() {
        return 31 * (31 * project().text().hashCode() + environment().text().hashCode())
                + name.text().hashCode();
    }

    @Override
    public int compareTo(SecretPath other) {
        return toString().compareTo(other.toString());
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}

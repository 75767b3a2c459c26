package dev.latchkey.agent.provider.store;

import dev.latchkey.agent.secret.Environment;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.OnExisting;
import dev.latchkey.agent.secret.Project;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.Secret;
import dev.latchkey.agent.secret.SecretPath;
import dev.latchkey.agent.secret.SecretStore;
import dev.latchkey.agent.secret.SecretValue;
import dev.latchkey.agent.secret.SecretVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The part of a store that references use: gives the answer it was told, and remembers what it was asked. */
final class FakeSecretStore implements SecretStore {
    final List<String> asked = new ArrayList<>();
    final List<Secret> listed = new ArrayList<>();

    private final Lookup answer;

    FakeSecretStore(Lookup answer) {
        this.answer = answer;
    }

    @Override
    public Lookup find(SecretPath path, Optional<Long> version) {
        asked.add(path + version.map(v -> "@" + v).orElse(""));
        return answer;
    }

    @Override
    public boolean isAtHand(SecretPath path, Optional<Long> version) {
        asked.add("at hand " + path + version.map(v -> "@" + v).orElse(""));
        return answer instanceof Lookup.Found;
    }

    @Override
    public List<Secret> list(Namespace namespace) {
        asked.add("list " + namespace);
        return List.copyOf(listed);
    }

    @Override
    public List<Project> projects() {
        throw unused();
    }

    @Override
    public Project createProject(ProjectName name, NamingRule naming) {
        throw unused();
    }

    @Override
    public void deleteProject(ProjectName name) {
        throw unused();
    }

    @Override
    public List<Environment> environments(ProjectName project) {
        throw unused();
    }

    @Override
    public Environment createEnvironment(ProjectName project, EnvironmentName name) {
        throw unused();
    }

    @Override
    public void deleteEnvironment(ProjectName project, EnvironmentName name) {
        throw unused();
    }

    @Override
    public Secret show(SecretPath path) {
        throw unused();
    }

    @Override
    public List<SecretVersion> versions(SecretPath path) {
        throw unused();
    }

    @Override
    public Written put(SecretPath path, SecretValue value, Details details, Optional<Instant> expires) {
        throw unused();
    }

    @Override
    public Imported importValue(SecretPath path, SecretValue value, OnExisting onExisting, boolean write) {
        throw unused();
    }

    @Override
    public Written rotate(SecretPath path, SecretValue value) {
        throw unused();
    }

    @Override
    public Written rollback(SecretPath path, long version) {
        throw unused();
    }

    @Override
    public void set(SecretPath path, Details details, Optional<Expiry> expires) {
        throw unused();
    }

    @Override
    public void delete(SecretPath path) {
        throw unused();
    }

    @Override
    public void restore(SecretPath path) {
        throw unused();
    }

    @Override
    public void purge(SecretPath path, Optional<Long> version) {
        throw unused();
    }

    @Override
    public void disable(SecretPath path, long version) {
        throw unused();
    }

    @Override
    public void enable(SecretPath path, long version) {
        throw unused();
    }

    private static IllegalStateException unused() {
        return new IllegalStateException("a reference must not lead here");
    }
}

package com.example;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.HeldSecret;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.ProviderType;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import dev.latchkey.agent.secret.SecretValue;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** Offers {@code type: properties}: each key of a Java properties file is a secret. */
public final class PropertiesProviderType implements ProviderType {
    @Override
    public String type() {
        return "properties";
    }

    @Override
    public List<Setting> settings() {
        return List.of(new Setting("path", true, "the properties file, absolute"));
    }

    @Override
    public SecretProvider open(String name, Map<String, String> values) {
        return new PropertiesProvider(name, Path.of(values.get("path")));
    }

    private record PropertiesProvider(String name, Path path) implements SecretProvider {
        /** Pure and fast: policy is decided on the location before anything is looked up. */
        @Override
        public SecretLocation locate(SecretReference reference, Namespace defaults) {
            reference.requireNoVersion(name);
            return new SecretLocation(name, reference.path());
        }

        /** What is not there is a value; a backend that cannot answer is an exception, without a word of what it said. */
        @Override
        public Lookup find(SecretLocation location, Optional<String> version) {
            String value = properties().getProperty(location.path());
            return value == null
                    ? new Lookup.Absent(Failure.of(FailureKind.SECRET_NOT_FOUND, "not found in " + name))
                    : new Lookup.Found(HeldSecret.of(
                            HeldSecret.Facts.of("1"),
                            SecretValue.owning(value.getBytes(StandardCharsets.UTF_8))));
        }

        private Properties properties() {
            Properties all = new Properties();
            try (Reader in = Files.newBufferedReader(path)) {
                all.load(in);
                return all;
            } catch (IOException e) {
                throw new AgentException(FailureKind.PROVIDER_UNAVAILABLE, path + " cannot be read");
            }
        }
    }
}

package dev.latchkey.agent.config;

import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProviderType;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One place that has secrets. */
public sealed interface ProviderConfig {
    /** {@code [a-z][a-z0-9-]*}; what references and patterns write before the colon. */
    String name();

    /**
     * The embedded store.
     *
     * @param naming what the names of secrets are narrowed to in the default project
     * @param keys every data key is wrapped under all of them; at least one
     */
    record Store(String name, NamingRule naming, List<StoreKey> keys) implements ProviderConfig {
        public Store {
            keys = List.copyOf(keys);
            if (keys.isEmpty()) {
                throw new IllegalStateException("a store without a key");
            }
        }

        /** Whether it differs in its keys at most, which an open store can take over. */
        boolean isSameAs(Store other) {
            return name.equals(other.name) && naming == other.naming;
        }
    }

    /** As the configuration writes it after {@code type:}. */
    default String type() {
        return switch (this) {
            case Store _ -> "store";
            case Files _ -> "file";
            case Env _ -> "env";
            case Dotenv _ -> "dotenv";
            case BruinFile _ -> "bruin-file";
            case Documents _ -> "documents";
            case Vault _ -> "vault";
            case AwsSecrets _ -> "aws-secrets-manager";
            case AwsParameters _ -> "aws-parameter-store";
            case AzureKeyVault _ -> "azure-key-vault";
            case Doppler _ -> "doppler";
            case Outside outside -> outside.kind().type();
        };
    }

    /**
     * Files below a folder.
     *
     * @param onlyPrivate whether only files that nobody else can use are served
     */
    record Files(String name, Path root, boolean onlyPrivate) implements ProviderConfig {}

    /**
     * Variables of the agent's own environment.
     *
     * @param prefix what the names of variables begin with, and paths leave out; may be empty
     */
    record Env(String name, String prefix) implements ProviderConfig {}

    /** The lines of a {@code .env} file. */
    record Dotenv(String name, Path path) implements ProviderConfig {}

    /**
     * The connections of a {@code .bruin.yml}.
     *
     * @param environment absent: the file's default
     */
    record BruinFile(String name, Path path, Optional<String> environment) implements ProviderConfig {}

    /** The entries of the {@code secrets:} map of a YAML file. */
    record Documents(String name, Path path) implements ProviderConfig {}

    /**
     * Secrets of a Vault or OpenBao.
     *
     * @param mount of the secrets engine
     * @param path what every path begins with; may be empty
     */
    record Vault(
            String name,
            VaultConfig backend,
            String mount,
            String path,
            VaultConfig.Engine engine,
            VaultConfig.Layout layout,
            NetworkConfig network)
            implements ProviderConfig {}

    /** Secrets of AWS Secrets Manager. */
    record AwsSecrets(String name, AwsConfig backend, AwsConfig.Layout layout, NetworkConfig network)
            implements ProviderConfig {}

    /** Parameters of AWS Systems Manager. */
    record AwsParameters(String name, AwsConfig backend, NetworkConfig network) implements ProviderConfig {}

    /**
     * Secrets of an Azure Key Vault.
     *
     * @param layout what a secret is
     */
    record AzureKeyVault(String name, AzureConfig backend, VaultConfig.Layout layout, NetworkConfig network)
            implements ProviderConfig {}

    /** Secrets of a config of Doppler. */
    record Doppler(String name, DopplerConfig backend, NetworkConfig network) implements ProviderConfig {}

    /**
     * One of a type that does not come with the agent.
     *
     * @param settings SECURITY: may hold credentials
     */
    record Outside(String name, ProviderType kind, Map<String, String> settings) implements ProviderConfig {
        public Outside {
            settings = Map.copyOf(settings);
        }

        /** Equal if they say the same: the kind is an object of whoever wrote it. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Outside that
                    && name.equals(that.name)
                    && kind.type().equals(that.kind.type())
                    && settings.equals(that.settings);
        }

        @Override
        public int hashCode() {
            return Objects.hash(name, kind.type(), settings);
        }

        @Override
        public String toString() {
            return name + " of type " + kind.type();
        }
    }
}

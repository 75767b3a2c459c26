package dev.latchkey.agent;

import dev.latchkey.agent.backend.aws.AwsRegions;
import dev.latchkey.agent.backend.aws.AwsSdk;
import dev.latchkey.agent.backend.azure.AzureClient;
import dev.latchkey.agent.backend.azure.AzureHost;
import dev.latchkey.agent.backend.doppler.DopplerClient;
import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.config.AgentConfig;
import dev.latchkey.agent.config.Host;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.config.ProviderConfig;
import dev.latchkey.agent.injection.Providers;
import dev.latchkey.agent.provider.aws.ParameterStoreProvider;
import dev.latchkey.agent.provider.aws.SecretsManagerProvider;
import dev.latchkey.agent.provider.azure.AzureProvider;
import dev.latchkey.agent.provider.bruin.BruinProvider;
import dev.latchkey.agent.provider.documents.DocumentsProvider;
import dev.latchkey.agent.provider.doppler.DopplerProvider;
import dev.latchkey.agent.provider.dotenv.DotenvProvider;
import dev.latchkey.agent.provider.env.EnvProvider;
import dev.latchkey.agent.provider.file.FileProvider;
import dev.latchkey.agent.provider.store.StoreNames;
import dev.latchkey.agent.provider.vault.VaultProvider;
import dev.latchkey.agent.secret.Lookup;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.secret.RemoteProvider;
import dev.latchkey.agent.secret.SecretLocation;
import dev.latchkey.agent.secret.SecretProvider;
import dev.latchkey.agent.secret.SecretReference;
import java.time.Clock;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The providers of a configuration. Making one asks nothing of its backend, and a class of a type that is not configured is never loaded.
 *
 * @param clock of the wall
 * @param store makes the provider of the store, which needs a store or only names
 * @param remote makes of a provider with a backend the one that launches see
 */
record Adapters(
        Host host,
        Clock clock,
        Function<ProviderConfig.Store, SecretProvider> store,
        BiFunction<RemoteProvider, NetworkConfig, SecretProvider> remote) {
    /** One for all that are in AWS. */
    static final Supplier<AwsSdk> AWS = new InstalledAdapter<>(AwsSdk.class, "aws");

    /** Providers that decide on names and look nothing up. */
    static Adapters ofNames(Host host) {
        return new Adapters(
                host, Clock.systemUTC(), own -> new StoreNames(own.name()), (backend, _) -> new RemoteNames(backend));
    }

    Providers of(AgentConfig config) {
        SecretProvider ours = store.apply(config.store());
        return providers(config, provider -> provider(provider, ours, config.namespace()));
    }

    /** The same after a change: a provider of which nothing changed stays the same object, with all that it knows of its backend. */
    Providers of(AgentConfig config, AgentConfig before, Providers known) {
        SecretProvider ours = store.apply(config.store());
        boolean sameDefaults = config.namespace().equals(before.namespace());
        return providers(
                config,
                provider -> before.providers().contains(provider)
                                && (sameDefaults || !(provider instanceof ProviderConfig.Documents))
                        ? known.named(provider.name())
                        : provider(provider, ours, config.namespace()));
    }

    private static Providers providers(AgentConfig config, Function<ProviderConfig, SecretProvider> made) {
        return new Providers(config.providers().stream().map(made).toList(), config.defaultProvider());
    }

    private SecretProvider provider(ProviderConfig config, SecretProvider ours, Namespace defaults) {
        return switch (config) {
            case ProviderConfig.Store _ -> ours;
            case ProviderConfig.Files files -> new FileProvider(files, host.uid());
            case ProviderConfig.Env env -> new EnvProvider(env, host.environment());
            case ProviderConfig.Dotenv dotenv -> new DotenvProvider(dotenv);
            case ProviderConfig.BruinFile bruin -> new BruinProvider(bruin, host.environment());
            case ProviderConfig.Documents documents -> documents(documents, ours, defaults);
            case ProviderConfig.Vault vault -> remote.apply(vault(vault), vault.network());
            case ProviderConfig.AwsSecrets aws -> remote.apply(secrets(aws), aws.network());
            case ProviderConfig.AwsParameters aws -> remote.apply(parameters(aws), aws.network());
            case ProviderConfig.AzureKeyVault azure -> remote.apply(azure(azure), azure.network());
            case ProviderConfig.Doppler doppler -> remote.apply(doppler(doppler), doppler.network());
            case ProviderConfig.Outside outside -> outside.kind().open(outside.name(), outside.settings());
        };
    }

    private SecretProvider documents(ProviderConfig.Documents config, SecretProvider ours, Namespace defaults) {
        return new DocumentsProvider(config, new DocumentsProvider.Surroundings(host.environment(), ours, defaults));
    }

    private RemoteProvider vault(ProviderConfig.Vault config) {
        VaultClient client = new VaultClient(config.name(), config.backend(), config.network(), System::nanoTime);
        return new VaultProvider(config, client, clock);
    }

    private static RemoteProvider secrets(ProviderConfig.AwsSecrets config) {
        return new SecretsManagerProvider(
                config,
                new AwsRegions(
                        config.name(),
                        AwsSdk.Service.SECRETS_MANAGER,
                        config.backend(),
                        config.network(),
                        AWS,
                        System::nanoTime));
    }

    private static RemoteProvider parameters(ProviderConfig.AwsParameters config) {
        return new ParameterStoreProvider(
                config,
                new AwsRegions(
                        config.name(),
                        AwsSdk.Service.PARAMETER_STORE,
                        config.backend(),
                        config.network(),
                        AWS,
                        System::nanoTime));
    }

    private RemoteProvider azure(ProviderConfig.AzureKeyVault config) {
        AzureHost machine = new AzureHost(host.environment(), clock, System::nanoTime);
        AzureClient client = new AzureClient(config.name(), config.backend(), config.network(), machine);
        return new AzureProvider(config.name(), config.layout(), client, clock, System::nanoTime);
    }

    private static RemoteProvider doppler(ProviderConfig.Doppler config) {
        return new DopplerProvider(config.name(), new DopplerClient(config.name(), config.backend(), config.network()));
    }

    /** A remote provider as far as names go. */
    private record RemoteNames(RemoteProvider backend) implements SecretProvider {
        @Override
        public String name() {
            return backend.name();
        }

        @Override
        public SecretLocation locate(SecretReference reference, Namespace defaults) {
            return backend.locate(reference, defaults);
        }

        @Override
        public Lookup find(SecretLocation location, Optional<String> version) {
            throw new IllegalStateException("decisions are made on names, without looking anything up");
        }
    }
}

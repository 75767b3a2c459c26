package dev.latchkey.agent;

import dev.latchkey.agent.backend.aws.AwsRegions;
import dev.latchkey.agent.backend.aws.AwsSdk;
import dev.latchkey.agent.backend.azure.AzureClient;
import dev.latchkey.agent.backend.azure.AzureHost;
import dev.latchkey.agent.backend.vault.VaultClient;
import dev.latchkey.agent.cache.Clockwork;
import dev.latchkey.agent.cache.Guard;
import dev.latchkey.agent.cache.GuardedKey;
import dev.latchkey.agent.config.NetworkConfig;
import dev.latchkey.agent.config.RunPlaces;
import dev.latchkey.agent.config.StoreKey;
import dev.latchkey.agent.crypto.KeyEncryptionKey;
import dev.latchkey.agent.crypto.KeyMemory;
import dev.latchkey.agent.crypto.RemoteKey;
import dev.latchkey.agent.crypto.awskms.KmsKey;
import dev.latchkey.agent.crypto.azure.AzureKey;
import dev.latchkey.agent.crypto.keyfile.KeyFile;
import dev.latchkey.agent.crypto.vaulttransit.TransitKey;

/** The key-encryption key of an entry. Making one asks nothing of its service, and a class of a type that is not configured is never loaded. */
record KeyAdapters(RunPlaces places, Agent.Base base, KeyMemory memory) {
    KeyEncryptionKey made(StoreKey key) {
        return switch (key) {
            case StoreKey.KeyFile file -> new KeyFile(places.inState(file.path()), base.clock(), base.random(), memory);
            case StoreKey.VaultTransit transit -> guarded(transit(transit), transit.network());
            case StoreKey.AwsKms kms -> guarded(kms(kms), kms.network());
            case StoreKey.AzureKeyVault azure -> guarded(azure(azure), azure.network());
        };
    }

    private KeyEncryptionKey guarded(RemoteKey key, NetworkConfig network) {
        String name = key.kind() + " " + key.where();
        return new GuardedKey(
                key, new Guard(name, Backends.limits(network), Clockwork.system(), new Backends.News(base.log())));
    }

    private static RemoteKey transit(StoreKey.VaultTransit config) {
        VaultClient client = new VaultClient(
                TransitKey.name(config.mount(), config.key()), config.backend(), config.network(), System::nanoTime);
        String place = config.backend().addresses().getFirst()
                + config.backend().namespace().map(name -> "/" + name).orElse("");
        return new TransitKey(client, place, config.mount(), config.key(), System::nanoTime);
    }

    private static RemoteKey kms(StoreKey.AwsKms config) {
        return new KmsKey(
                config.keyId(),
                new AwsRegions(
                        KmsKey.name(config.keyId()),
                        AwsSdk.Service.KMS,
                        config.backend(),
                        config.network(),
                        Adapters.AWS,
                        System::nanoTime));
    }

    private RemoteKey azure(StoreKey.AzureKeyVault config) {
        AzureHost machine = new AzureHost(base.host().environment(), base.clock(), System::nanoTime);
        String name = AzureKey.name(config.key());
        AzureClient client = new AzureClient(name, config.backend(), config.network(), machine);
        return new AzureKey(client, config.backend().url(), config.key(), System::nanoTime);
    }
}

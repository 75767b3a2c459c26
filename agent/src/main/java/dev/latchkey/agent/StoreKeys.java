package dev.latchkey.agent;

import dev.latchkey.agent.backend.aws.AwsRegions;
import dev.latchkey.agent.backend.aws.AwsSdk;
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
import dev.latchkey.agent.crypto.keyfile.KeyFile;
import dev.latchkey.agent.crypto.vaulttransit.TransitKey;
import dev.latchkey.agent.telemetry.Log;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The key-encryption keys of a configuration. Making one asks nothing of its service, and a class of a type that is not configured is never loaded.
 *
 * @param clock of the wall
 * @param made what an entry became, so that one that stays in a changed configuration stays logged in
 */
record StoreKeys(
        RunPlaces places,
        Clock clock,
        SecureRandom random,
        KeyMemory memory,
        Log log,
        Map<StoreKey, KeyEncryptionKey> made) {
    StoreKeys(RunPlaces places, Clock clock, SecureRandom random, KeyMemory memory, Log log) {
        this(places, clock, random, memory, log, new ConcurrentHashMap<>());
    }

    List<KeyEncryptionKey> of(List<StoreKey> keys) {
        made.keySet().retainAll(keys);
        return keys.stream().map(key -> made.computeIfAbsent(key, this::key)).toList();
    }

    private KeyEncryptionKey key(StoreKey key) {
        return switch (key) {
            case StoreKey.KeyFile file -> new KeyFile(places.inState(file.path()), clock, random, memory);
            case StoreKey.VaultTransit transit -> guarded(transit(transit), transit.network());
            case StoreKey.AwsKms kms -> guarded(kms(kms), kms.network());
        };
    }

    private KeyEncryptionKey guarded(RemoteKey key, NetworkConfig network) {
        String name = key.kind() + " " + key.where();
        return new GuardedKey(
                key, new Guard(name, Backends.limits(network), Clockwork.system(), new Backends.News(log)));
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
}

package dev.latchkey.agent.config;

import java.nio.file.Path;

/** A key-encryption key of the store, as the configuration has it. SECURITY: the settings of a remote one may hold credentials. */
public sealed interface StoreKey {
    /**
     * A 0600 file, made on first start.
     *
     * @param path absolute, or relative to the state folder
     */
    record KeyFile(Path path) implements StoreKey {
        /** A record's own is put together by the JVM when it is first asked for, which a start would wait for. */
        @Override
        public int hashCode() {
            return path.hashCode();
        }
    }

    /**
     * A key of the Transit engine of a Vault or OpenBao.
     *
     * @param mount of the engine
     * @param key its name there
     */
    record VaultTransit(VaultConfig backend, String mount, String key, NetworkConfig network) implements StoreKey {}

    /**
     * A key of AWS KMS.
     *
     * @param keyId its ARN or its id
     */
    record AwsKms(String keyId, AwsConfig backend, NetworkConfig network) implements StoreKey {}

    /**
     * An RSA key of an Azure Key Vault or a managed HSM.
     *
     * @param key its name there
     */
    record AzureKeyVault(AzureConfig backend, String key, NetworkConfig network) implements StoreKey {}
}

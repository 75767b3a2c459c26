package dev.latchkey.agent.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The keys of each type of key-encryption key. Each type is read to a function of the folder of {@code agent.yaml}, where relative paths begin. */
final class StoreKeyTypes {
    static final ByType<Function<Path, StoreKey>> TYPES = new ByType<>(types());

    private StoreKeyTypes() {}

    private static Map<String, Section<Function<Path, StoreKey>>> types() {
        Map<String, Section<Function<Path, StoreKey>>> types = new LinkedHashMap<>();
        types.put("file", keyFile());
        types.put("vault-transit", vaultTransit());
        types.put("aws-kms", awsKms());
        types.put("azure-key-vault", azureKeyVault());
        return types;
    }

    private static Section<Function<Path, StoreKey>> keyFile() {
        Key<Path> path = Key.required(
                "path",
                Scalars.PATH,
                "the key file, mode 0600, made on first start; relative paths begin in the state folder");
        return new Section<>(
                List.of(ByType.key("file"), path),
                f -> _ -> new StoreKey.KeyFile(f.required(path).value()));
    }

    private static Section<Function<Path, StoreKey>> vaultTransit() {
        Key<String> mount = Key.of("mount", Scalars.BACKEND_PATH, "of the Transit engine", "`transit`");
        Key<String> name = Key.required("key", Scalars.NAME, "the name of the key there; the agent does not make it");
        List<Key<?>> keys = new ArrayList<>(List.of(ByType.key("vault-transit"), mount, name));
        keys.addAll(VaultKeys.REACHED);
        keys.addAll(NetworkKeys.ALL);
        return new Section<>(
                keys,
                f -> folder -> new StoreKey.VaultTransit(
                        VaultKeys.backend(f, folder),
                        f.get(mount, "transit"),
                        f.required(name).value(),
                        NetworkKeys.of(f, folder)));
    }

    private static Section<Function<Path, StoreKey>> awsKms() {
        Key<String> id = Key.required(
                "key-id",
                Scalars.KMS_KEY,
                "the key's ARN or id; one in several regions is a multi-Region key (`mrk-…`), named in any of them");
        List<Key<?>> keys = new ArrayList<>(List.of(ByType.key("aws-kms"), id));
        keys.addAll(AwsKeys.all());
        return new Section<>(
                keys,
                AwsKeys::checkEndpoints,
                f -> folder ->
                        new StoreKey.AwsKms(f.required(id).value(), AwsKeys.of(f, folder), NetworkKeys.of(f, folder)));
    }

    private static Section<Function<Path, StoreKey>> azureKeyVault() {
        Key<String> name = Key.required(
                "key",
                Scalars.AZURE_NAME,
                "the name of an RSA key in the vault; the agent neither makes nor rotates it");
        List<Key<?>> keys = new ArrayList<>(List.of(ByType.key("azure-key-vault"), name));
        keys.addAll(AzureKeys.REACHED);
        keys.addAll(NetworkKeys.ALL);
        return new Section<>(
                keys,
                f -> folder -> new StoreKey.AzureKeyVault(
                        AzureKeys.backend(f, folder),
                        f.required(name).value().toLowerCase(Locale.ROOT),
                        NetworkKeys.of(f, folder)));
    }
}

package dev.latchkey.agent.config;

import dev.latchkey.agent.config.AzureConfig.Auth;
import dev.latchkey.agent.config.AzureConfig.Cloud;
import dev.latchkey.agent.config.VaultConfig.Layout;
import dev.latchkey.agent.yaml.Located;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The keys of an Azure Key Vault. */
final class AzureKeys {
    private static final String RELATIVE = "relative paths begin in the folder of `agent.yaml`";
    private static final String METHOD = "method";

    private static final Key<String> URL =
            Key.required("url", Scalars.SECURE_ADDRESS, "of the vault, as in `https://example.vault.azure.net`");
    private static final Key<Cloud> CLOUD = Key.of(
            "cloud", Choice.of(Cloud.class), "whose authority gives tokens", "the one that the vault's name says");
    private static final Key<String> AUTHORITY = Key.of(
            "authority",
            Scalars.SECURE_ADDRESS,
            "where tokens come from, for a cloud that is none of these",
            "`AZURE_AUTHORITY_HOST` where the environment says how to log in, else that of the cloud");
    private static final Key<String> RESOURCE = Key.of(
            "resource",
            Scalars.SECURE_ADDRESS,
            "what tokens are for, where the vault's name does not lie in that domain",
            "the domain that the vault's name lies in, as `https://vault.azure.net`");
    private static final Key<Function<Path, Auth>> AUTH = Key.of(
            "auth",
            new ByType<>(METHOD, methods()),
            "how the agent gets tokens",
            "`default`: as the environment says, else the managed identity");

    /** How a vault is reached, whatever of it is used. */
    static final List<Key<?>> REACHED = List.of(URL, CLOUD, AUTHORITY, RESOURCE, AUTH);

    static final Section<Draft.Provider> SECTION = provider();

    private AzureKeys() {}

    private static Section<Draft.Provider> provider() {
        Key<Layout> layout = Key.of(
                "layout", Choice.of(Layout.class), "`bruin` unwraps secrets of the form `{type, details}`", "`plain`");
        List<Key<?>> keys = new ArrayList<>(List.of(ByType.key("azure-key-vault")));
        keys.addAll(REACHED);
        keys.add(layout);
        keys.addAll(NetworkKeys.ALL);
        return new Section<>(
                keys,
                f -> new Draft.Provider.Other((name, folder) -> new ProviderConfig.AzureKeyVault(
                        name, backend(f, folder), f.get(layout, Layout.PLAIN), NetworkKeys.of(f, folder))));
    }

    /** What {@link #REACHED} say. */
    static AzureConfig backend(Section.Fields f, Path folder) {
        return new AzureConfig(
                AzureConfig.withoutSlash(f.required(URL).value()),
                f.find(CLOUD).map(Located::value),
                f.find(AUTHORITY).map(Located::value),
                f.find(RESOURCE).map(Located::value),
                f.get(AUTH, _ -> new Auth.Default()).apply(folder));
    }

    private static Map<String, Section<Function<Path, Auth>>> methods() {
        Map<String, Section<Function<Path, Auth>>> methods = new LinkedHashMap<>();
        methods.put("default", method("default", List.of(), _ -> _ -> new Auth.Default()));
        methods.put("client-credentials", clientCredentials());
        methods.put("client-certificate", clientCertificate());
        methods.put("managed-identity", managedIdentity());
        methods.put("workload-identity", workloadIdentity());
        return methods;
    }

    private static Section<Function<Path, Auth>> clientCredentials() {
        Key<String> tenant = Key.required("tenant", Scalars.NAME, "the directory of the application");
        Key<String> client = Key.required("client-id", Scalars.NAME, "the application");
        Key<String> secret = Key.required("client-secret", Scalars.SECRET_TEXT, "its secret, best as `${file:…}`");
        return method(
                "client-credentials",
                List.of(tenant, client, secret),
                f -> _ -> new Auth.ClientSecret(
                        f.required(tenant).value(),
                        f.required(client).value(),
                        f.required(secret).value()));
    }

    private static Section<Function<Path, Auth>> clientCertificate() {
        Key<String> tenant = Key.required("tenant", Scalars.NAME, "the directory of the application");
        Key<String> client = Key.required("client-id", Scalars.NAME, "the application");
        Key<Path> certificate = Key.required(
                "cert-file", Scalars.PATH, "its certificate in PEM, with an RSA key; read at each login; " + RELATIVE);
        Key<Path> key =
                Key.of("key-file", Scalars.PATH, "the key, PKCS #8 in PEM; " + RELATIVE, "it is in `cert-file` too");
        return method(
                "client-certificate",
                List.of(tenant, client, certificate, key),
                f -> folder -> new Auth.ClientCertificate(
                        f.required(tenant).value(),
                        f.required(client).value(),
                        folder.resolve(f.required(certificate).value()),
                        folder.resolve(f.get(key, f.required(certificate).value()))));
    }

    private static Section<Function<Path, Auth>> managedIdentity() {
        Key<String> client = Key.of(
                "client-id", Scalars.NAME, "of an identity that a user assigned", "the only one, or the system's");
        return method(
                "managed-identity",
                List.of(client),
                f -> _ -> new Auth.ManagedIdentity(f.find(client).map(Located::value)));
    }

    private static Section<Function<Path, Auth>> workloadIdentity() {
        Key<String> tenant = Key.of("tenant", Scalars.NAME, "the directory of the identity", "`AZURE_TENANT_ID`");
        Key<String> client = Key.of("client-id", Scalars.NAME, "the identity", "`AZURE_CLIENT_ID`");
        Key<Path> token = Key.of(
                "token-file",
                Scalars.PATH,
                "the token that is exchanged, read at each login; " + RELATIVE,
                "`AZURE_FEDERATED_TOKEN_FILE`");
        return method(
                "workload-identity",
                List.of(tenant, client, token),
                f -> folder -> new Auth.WorkloadIdentity(
                        f.find(tenant).map(Located::value),
                        f.find(client).map(Located::value),
                        f.find(token).map(file -> folder.resolve(file.value()))));
    }

    private static Section<Function<Path, Auth>> method(
            String word, List<Key<?>> own, Function<Section.Fields, Function<Path, Auth>> build) {
        List<Key<?>> keys = new ArrayList<>(own);
        keys.addFirst(ByType.key(METHOD, word));
        return new Section<>(keys, build);
    }
}

package dev.latchkey.agent.config;

import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.ProviderType;
import dev.latchkey.agent.yaml.Located;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The keys of each type of provider. */
final class ProviderKeys {
    static final Key<List<Located<Function<Path, StoreKey>>>> STORE_KEY = Key.of(
            "key",
            ListOf.oneOrMore(StoreKeyTypes.TYPES),
            "what encrypts the data keys; each data key is wrapped under all entries, and any one opens it; taken over at once",
            "`kek` in systemd's `CREDENTIALS_DIRECTORY` if it is there, else in the state folder");

    static final ByType<Draft.Provider> TYPES = new ByType<>(types(), ProviderKeys::outside);

    private static final String RELATIVE = "relative paths begin in the folder of `agent.yaml`";

    private ProviderKeys() {}

    private static Map<String, Section<Draft.Provider>> types() {
        Map<String, Section<Draft.Provider>> types = new LinkedHashMap<>();
        types.put("store", store());
        types.put("file", files());
        types.put("env", env());
        types.put("dotenv", dotenv());
        types.put("bruin-file", bruinFile());
        types.put("documents", documents());
        types.put("vault", VaultKeys.SECTION);
        types.put("aws-secrets-manager", AwsKeys.SECRETS_MANAGER);
        types.put("aws-parameter-store", AwsKeys.PARAMETER_STORE);
        types.put("azure-key-vault", AzureKeys.SECTION);
        types.put("doppler", DopplerKeys.SECTION);
        return types;
    }

    private static Section<Draft.Provider> store() {
        Key<NamingRule> naming = Key.of(
                "naming",
                Choice.of(Arrays.asList(NamingRule.values()), NamingRule::text),
                "what the names of secrets are narrowed to",
                "`any`");
        return new Section<>(
                List.of(ByType.key("store"), naming, STORE_KEY),
                f -> new Draft.Provider.Store(
                        f.get(naming, NamingRule.ANY), f.find(STORE_KEY).map(keys -> Keys.values(keys.value()))));
    }

    private static Section<Draft.Provider> files() {
        Key<Path> root = Key.required("root", Scalars.PATH, "the folder; " + RELATIVE);
        Key<Boolean> mode = Key.of(
                "mode",
                Choice.of(List.of(true, false), onlyPrivate -> onlyPrivate ? "private" : "any"),
                "`private` serves only files of the agent's user or root that nobody else can use, `any` whatever the agent can read",
                "`private`");
        return new Section<>(
                List.of(ByType.key("file"), root, mode),
                f -> other((name, folder) -> new ProviderConfig.Files(
                        name, folder.resolve(f.required(root).value()).normalize(), f.get(mode, true))));
    }

    private static Section<Draft.Provider> env() {
        Key<String> prefix = Key.of(
                "prefix",
                Scalars.VARIABLE_PREFIX,
                "what the variables' names begin with; references leave it out, and no other variable can be named",
                "every variable of the agent's environment can be named");
        return new Section<>(
                List.of(ByType.key("env"), prefix),
                f -> other((name, _) -> new ProviderConfig.Env(name, f.get(prefix, ""))));
    }

    private static Section<Draft.Provider> dotenv() {
        Key<Path> path = Key.required("path", Scalars.PATH, "the file; " + RELATIVE);
        return new Section<>(
                List.of(ByType.key("dotenv"), path),
                f -> other((name, folder) -> new ProviderConfig.Dotenv(
                        name, folder.resolve(f.required(path).value()))));
    }

    private static Section<Draft.Provider> bruinFile() {
        Key<Path> path = Key.required("path", Scalars.PATH, "the `.bruin.yml`; " + RELATIVE);
        Key<String> environment =
                Key.of("environment", Scalars.TEXT, "which of its environments", "its `default_environment`");
        return new Section<>(
                List.of(ByType.key("bruin-file"), path, environment),
                f -> other((name, folder) -> new ProviderConfig.BruinFile(
                        name,
                        folder.resolve(f.required(path).value()),
                        f.find(environment).map(Located::value))));
    }

    private static Section<Draft.Provider> documents() {
        Key<Path> path =
                Key.required("path", Scalars.PATH, "the YAML file, whose map `secrets` is served; " + RELATIVE);
        return new Section<>(
                List.of(ByType.key("documents"), path),
                f -> other((name, folder) -> new ProviderConfig.Documents(
                        name, folder.resolve(f.required(path).value()))));
    }

    /** The section of a type that does not come with the agent; absent if nothing offers it. */
    private static Optional<Section<Draft.Provider>> outside(String type, Reading reading) {
        return reading.host().providerTypes().find(type).map(ProviderKeys::section);
    }

    private static Section<Draft.Provider> section(ProviderType kind) {
        List<Key<String>> settings = kind.settings().stream()
                .map(s -> s.required()
                        ? Key.required(s.name(), Scalars.TEXT, s.doc())
                        : Key.of(s.name(), Scalars.TEXT, s.doc(), "the type decides"))
                .toList();
        List<Key<?>> keys = new ArrayList<>(settings);
        keys.addFirst(ByType.key(kind.type()));
        return new Section<>(keys, f -> {
            Map<String, String> values = new HashMap<>();
            settings.forEach(key -> f.find(key).ifPresent(value -> values.put(key.name(), value.value())));
            return other((name, _) -> new ProviderConfig.Outside(name, kind, values));
        });
    }

    private static Draft.Provider other(BiFunction<String, Path, ProviderConfig> config) {
        return new Draft.Provider.Other(config);
    }
}

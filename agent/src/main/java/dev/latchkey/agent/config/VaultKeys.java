package dev.latchkey.agent.config;

import dev.latchkey.agent.config.VaultConfig.Auth;
import dev.latchkey.agent.config.VaultConfig.Engine;
import dev.latchkey.agent.config.VaultConfig.Layout;
import dev.latchkey.agent.yaml.Located;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** The keys of a Vault or OpenBao. */
final class VaultKeys {
    private static final String RELATIVE = "relative paths begin in the folder of `agent.yaml`";
    private static final String METHOD = "method";
    private static final Path SERVICE_ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

    private static final Key<List<Located<String>>> ADDRESS = Key.required(
            "address",
            new Addresses(),
            "`https://HOST[:PORT]`, `http://HOST[:PORT]` or `unix:///PATH`; of several nodes the first that answers is asked");
    private static final Key<String> NAMESPACE =
            Key.of("namespace", Scalars.BACKEND_PATH, "the namespace that everything is in", "the root namespace");
    private static final Key<Function<Path, Auth>> AUTH =
            Key.required("auth", new ByType<>(METHOD, methods()), "how the agent logs in");

    /** How one is reached and logged in to, whatever it is used for. */
    static final List<Key<?>> REACHED = List.of(ADDRESS, NAMESPACE, AUTH);

    static final Section<Draft.Provider> SECTION = provider();

    private VaultKeys() {}

    /** What {@link #REACHED} say. */
    static VaultConfig backend(Section.Fields f, Path folder) {
        return new VaultConfig(
                Keys.values(f.required(ADDRESS).value()),
                f.find(NAMESPACE).map(Located::value),
                f.required(AUTH).value().apply(folder));
    }

    private static Section<Draft.Provider> provider() {
        Key<String> mount = Key.of("mount", Scalars.BACKEND_PATH, "of the secrets engine", "`secret`");
        Key<String> path = Key.of(
                "path",
                Scalars.BACKEND_PATH,
                "what the paths of references begin with, and leave out",
                "references have the whole path");
        Key<Engine> engine = Key.of(
                "engine",
                Choice.of(List.of(Engine.values()), VaultKeys::word),
                "what secrets are in: `kv-v2` has versions; `dynamic` is anything that makes credentials when they are asked for",
                "`kv-v2`");
        Key<Layout> layout = Key.of(
                "layout", Choice.of(Layout.class), "`bruin` unwraps secrets of the form `{type, details}`", "`plain`");
        List<Key<?>> keys = new ArrayList<>(List.of(ByType.key("vault")));
        keys.addAll(REACHED);
        keys.addAll(List.of(mount, path, engine, layout));
        keys.addAll(NetworkKeys.ALL);
        return new Section<>(
                keys,
                f -> new Draft.Provider.Other((name, folder) -> new ProviderConfig.Vault(
                        name,
                        backend(f, folder),
                        f.get(mount, "secret"),
                        f.get(path, ""),
                        f.get(engine, Engine.KV_V2),
                        f.get(layout, Layout.PLAIN),
                        NetworkKeys.of(f, folder))));
    }

    private static Map<String, Section<Function<Path, Auth>>> methods() {
        Map<String, Section<Function<Path, Auth>>> methods = new LinkedHashMap<>();
        methods.put("token", token());
        methods.put("token-file", tokenFile());
        methods.put("approle", appRole());
        methods.put(
                "kubernetes",
                jwt(
                        "kubernetes",
                        Key.of("jwt-file", Scalars.PATH, "the token; " + RELATIVE, "`" + SERVICE_ACCOUNT + "`")));
        methods.put(
                "jwt",
                jwt("jwt", Key.required("jwt-file", Scalars.PATH, "the token, read at each login; " + RELATIVE)));
        methods.put("cert", cert());
        methods.put("userpass", userpass());
        return methods;
    }

    private static Section<Function<Path, Auth>> token() {
        Key<String> token = Key.required(
                "token", Scalars.SECRET_TEXT, "the token, best as `${file:…}`; it is renewed where it can be");
        return method(
                "token",
                List.of(token),
                f -> _ -> new Auth.Token(f.required(token).value()));
    }

    private static Section<Function<Path, Auth>> tokenFile() {
        Key<Path> file =
                Key.required("token-file", Scalars.PATH, "the token, which may be replaced at any time; " + RELATIVE);
        return method(
                "token-file",
                List.of(file),
                f -> folder ->
                        new Auth.TokenFile(folder.resolve(f.required(file).value())));
    }

    private static Section<Function<Path, Auth>> appRole() {
        Key<String> role = Key.required("role-id", Scalars.SECRET_TEXT, "the role");
        Key<String> secret = Key.required("secret-id", Scalars.SECRET_TEXT, "its secret, best as `${file:…}`");
        Key<String> mount = mount("approle");
        return method(
                "approle",
                List.of(role, secret, mount),
                f -> _ -> new Auth.AppRole(
                        f.get(mount, "approle"),
                        f.required(role).value(),
                        f.required(secret).value()));
    }

    private static Section<Function<Path, Auth>> jwt(String word, Key<Path> file) {
        Key<String> role = Key.required("role", Scalars.SECRET_TEXT, "the role");
        Key<String> mount = mount(word);
        return method(
                word,
                List.of(role, file, mount),
                f -> folder -> new Auth.Jwt(
                        f.get(mount, word), f.required(role).value(), folder.resolve(f.get(file, SERVICE_ACCOUNT))));
    }

    private static Section<Function<Path, Auth>> cert() {
        Key<String> role = Key.of("role", Scalars.SECRET_TEXT, "the role", "whichever the certificate fits");
        Key<Path> certificate =
                Key.required("cert-file", Scalars.PATH, "the certificate with its chain, in PEM; " + RELATIVE);
        Key<Path> key = Key.required("key-file", Scalars.PATH, "its key, PKCS #8 in PEM; " + RELATIVE);
        Key<String> mount = mount("cert");
        return method(
                "cert",
                List.of(role, certificate, key, mount),
                f -> folder -> new Auth.Cert(
                        f.get(mount, "cert"),
                        f.find(role).map(Located::value),
                        folder.resolve(f.required(certificate).value()),
                        folder.resolve(f.required(key).value())));
    }

    private static Section<Function<Path, Auth>> userpass() {
        Key<String> user = Key.required("username", Scalars.BACKEND_PATH, "the user");
        Key<String> password = Key.required("password", Scalars.SECRET_TEXT, "the password, best as `${file:…}`");
        Key<String> mount = mount("userpass");
        return method(
                "userpass",
                List.of(user, password, mount),
                f -> _ -> new Auth.Userpass(
                        f.get(mount, "userpass"),
                        f.required(user).value(),
                        f.required(password).value()));
    }

    private static Key<String> mount(String otherwise) {
        return Key.of("mount", Scalars.BACKEND_PATH, "where the method is mounted", "`" + otherwise + "`");
    }

    private static Section<Function<Path, Auth>> method(
            String word, List<Key<?>> own, Function<Section.Fields, Function<Path, Auth>> build) {
        List<Key<?>> keys = new ArrayList<>(own);
        keys.addFirst(ByType.key(METHOD, word));
        return new Section<>(keys, build);
    }

    private static String word(Engine engine) {
        return engine.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

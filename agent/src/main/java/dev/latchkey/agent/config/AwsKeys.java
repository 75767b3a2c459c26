package dev.latchkey.agent.config;

import dev.latchkey.agent.config.AwsConfig.Auth;
import dev.latchkey.agent.config.AwsConfig.Layout;
import dev.latchkey.agent.config.AwsConfig.Role;
import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Problems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The keys of what is in AWS. */
final class AwsKeys {
    private static final String RELATIVE = "relative paths begin in the folder of `agent.yaml`";
    private static final String METHOD = "method";
    private static final String SESSION = "latchkey";
    private static final String REGION = "[a-z]{2,8}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}";

    private static final Scalar<String> REGION_NAME =
            Scalars.pure("a region of AWS", "write it as AWS does, as in eu-west-1", REGION, Optional::of);
    private static final Scalar<String> ROLE_ARN = Scalars.pure(
            "the ARN of a role",
            "write arn:aws:iam::ACCOUNT:role/NAME",
            "arn:[a-z-]+:iam::[0-9]{1,20}:role/[A-Za-z0-9+=,.@_/-]+",
            Optional::of);
    private static final Scalar<String> SESSION_NAME = Scalars.pure(
            "the name of a session",
            "write 2 to 64 letters, digits and any of '_=,.@-'",
            "[A-Za-z0-9_=,.@-]{2,64}",
            Optional::of);

    private static final Key<List<Located<String>>> REGIONS = Key.required(
            "regions",
            ListOf.oneAtLeast(REGION_NAME),
            "where it is; where one is silent the next is asked, which must have the same (a replica)");
    private static final Key<List<NamedBy.Entry<String>>> ENDPOINTS = Key.of(
            "endpoints",
            new NamedBy<>("a region", REGION, List.of(), Scalars.BACKEND_ADDRESS),
            "addresses of the service, by region, where they are not the usual ones",
            "AWS's own");
    private static final Key<String> STS = Key.of(
            "sts-endpoint",
            Scalars.BACKEND_ADDRESS,
            "the address of the service that gives the credentials of a role",
            "AWS's own, in each region");
    private static final Key<Function<Path, Auth>> AUTH = Key.of(
            "auth",
            new ByType<>(METHOD, methods()),
            "where the agent's credentials come from",
            "the first of: the agent's variables, a web identity, the shared files' profile, the container, the instance");
    private static final Key<Role> ROLE =
            Key.of("assume-role", role(), "a role that is assumed with these credentials", "none is");

    static final Section<Draft.Provider> SECRETS_MANAGER = secretsManager();
    static final Section<Draft.Provider> PARAMETER_STORE = parameterStore();

    private AwsKeys() {}

    /** The keys that say where AWS is and as whom it is asked. */
    static List<Key<?>> all() {
        List<Key<?>> keys = new ArrayList<>(List.of(REGIONS, AUTH, ROLE, ENDPOINTS, STS));
        keys.addAll(NetworkKeys.ALL);
        return keys;
    }

    /** An address for a region that is never asked is one that was meant for another. */
    static void checkEndpoints(Section.Fields f, String where, Problems problems) {
        List<String> regions = Keys.values(f.required(REGIONS).value());
        f.get(ENDPOINTS, List.of()).stream()
                .map(NamedBy.Entry::name)
                .filter(name -> name.value().matches(REGION) && !regions.contains(name.value()))
                .forEach(name -> problems.add(
                        name.at(),
                        Section.join(where, ENDPOINTS.name()) + " has a region that is not in regions: "
                                + Problems.quote(name.value()),
                        () -> Suggestion.hintOrAll("regions", name.value(), regions)));
    }

    static AwsConfig of(Section.Fields f, Path folder) {
        Map<String, String> endpoints = new HashMap<>();
        f.get(ENDPOINTS, List.of())
                .forEach(entry -> entry.value()
                        .ifPresent(address -> endpoints.put(entry.name().value(), address)));
        return new AwsConfig(
                Keys.values(f.required(REGIONS).value()).stream().distinct().toList(),
                endpoints,
                f.find(STS).map(Located::value),
                f.find(AUTH).map(auth -> auth.value().apply(folder)).orElseGet(Auth.Chain::new),
                f.find(ROLE).map(Located::value));
    }

    private static Section<Draft.Provider> secretsManager() {
        Key<Layout> layout = Key.of(
                "layout", Choice.of(Layout.class), "`bruin` unwraps secrets of the form `{type, details}`", "`plain`");
        return provider(
                "aws-secrets-manager",
                List.of(layout),
                f -> (name, folder) -> new ProviderConfig.AwsSecrets(
                        name, of(f, folder), f.get(layout, Layout.PLAIN), NetworkKeys.of(f, folder)));
    }

    private static Section<Draft.Provider> parameterStore() {
        return provider(
                "aws-parameter-store",
                List.of(),
                f -> (name, folder) ->
                        new ProviderConfig.AwsParameters(name, of(f, folder), NetworkKeys.of(f, folder)));
    }

    private static Section<Draft.Provider> provider(
            String type, List<Key<?>> own, Function<Section.Fields, BiFunction<String, Path, ProviderConfig>> build) {
        List<Key<?>> keys = new ArrayList<>(all());
        keys.addFirst(ByType.key(type));
        keys.addAll(own);
        return new Section<>(keys, AwsKeys::checkEndpoints, f -> new Draft.Provider.Other(build.apply(f)));
    }

    private static Map<String, Section<Function<Path, Auth>>> methods() {
        Map<String, Section<Function<Path, Auth>>> methods = new LinkedHashMap<>();
        methods.put("static", keys());
        methods.put("profile", profile());
        methods.put("web-identity", webIdentity());
        return methods;
    }

    private static Section<Function<Path, Auth>> keys() {
        Key<String> id = Key.required("access-key-id", Scalars.SECRET_TEXT, "the key's id");
        Key<String> secret =
                Key.required("secret-access-key", Scalars.SECRET_TEXT, "the key, best as `${file:…}` or `${secret:…}`");
        Key<String> session = Key.of("session-token", Scalars.SECRET_TEXT, "of a session", "the key is a user's own");
        return method(
                "static",
                List.of(id, secret, session),
                f -> _ -> new Auth.Static(
                        f.required(id).value(),
                        f.required(secret).value(),
                        f.find(session).map(Located::value)));
    }

    private static Section<Function<Path, Auth>> profile() {
        Key<String> name = Key.required("profile", Scalars.NAME, "its name");
        Key<Path> file = Key.of(
                "file", Scalars.PATH, "the credentials file; " + RELATIVE, "`~/.aws/config` and `~/.aws/credentials`");
        return method(
                "profile",
                List.of(name, file),
                f -> folder -> new Auth.Profile(
                        f.required(name).value(), f.find(file).map(path -> folder.resolve(path.value()))));
    }

    private static Section<Function<Path, Auth>> webIdentity() {
        Key<String> role = Key.required("role-arn", ROLE_ARN, "the role");
        Key<Path> token = Key.required("token-file", Scalars.PATH, "the token, read at each login; " + RELATIVE);
        Key<String> session = Key.of("session-name", SESSION_NAME, "what AWS's logs call it", "`" + SESSION + "`");
        return method(
                "web-identity",
                List.of(role, token, session),
                f -> folder -> new Auth.WebIdentity(
                        f.required(role).value(),
                        folder.resolve(f.required(token).value()),
                        f.get(session, SESSION)));
    }

    private static Section<Role> role() {
        Key<String> arn = Key.required("arn", ROLE_ARN, "the role");
        Key<String> session = Key.of("session-name", SESSION_NAME, "what AWS's logs call it", "`" + SESSION + "`");
        Key<String> external =
                Key.of("external-id", Scalars.SECRET_TEXT, "what the role's owner asks for", "none is sent");
        return new Section<>(
                List.of(arn, session, external),
                f -> new Role(
                        f.required(arn).value(),
                        f.get(session, SESSION),
                        f.find(external).map(Located::value)));
    }

    private static Section<Function<Path, Auth>> method(
            String word, List<Key<?>> own, Function<Section.Fields, Function<Path, Auth>> build) {
        List<Key<?>> keys = new ArrayList<>(own);
        keys.addFirst(ByType.key(METHOD, word));
        return new Section<>(keys, build);
    }
}

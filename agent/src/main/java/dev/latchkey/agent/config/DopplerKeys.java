package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Located;
import java.util.ArrayList;
import java.util.List;

/** The keys of a config of Doppler. */
final class DopplerKeys {
    private static final String PUBLIC = "https://api.doppler.com";

    private static final Key<String> PROJECT =
            Key.of("project", Scalars.NAME, "the project", "the one that a service token belongs to");
    private static final Key<String> CONFIG =
            Key.of("config", Scalars.NAME, "the config of the project", "the one that a service token belongs to");
    private static final Key<String> TOKEN = Key.required(
            "token",
            Scalars.SECRET_TEXT,
            "a service, service account or personal token, best as `${file:…}`; reading is all that it must be allowed");
    private static final Key<String> ADDRESS =
            Key.of("address", Scalars.SECURE_ADDRESS, "of the API", "`" + PUBLIC + "`");

    static final Section<Draft.Provider> SECTION = provider();

    private DopplerKeys() {}

    private static Section<Draft.Provider> provider() {
        List<Key<?>> keys = new ArrayList<>(List.of(ByType.key("doppler"), PROJECT, CONFIG, TOKEN, ADDRESS));
        keys.addAll(NetworkKeys.ALL);
        return new Section<>(
                keys,
                f -> new Draft.Provider.Other((name, folder) -> new ProviderConfig.Doppler(
                        name,
                        new DopplerConfig(
                                f.get(ADDRESS, PUBLIC),
                                f.find(PROJECT).map(Located::value),
                                f.find(CONFIG).map(Located::value),
                                f.required(TOKEN).value()),
                        NetworkKeys.of(f, folder))));
    }
}

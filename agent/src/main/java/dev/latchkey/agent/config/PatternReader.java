package dev.latchkey.agent.config;

import dev.latchkey.agent.policy.LocationPattern;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Problems;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads {@code PROVIDER:PATH} patterns against the providers that there are. A store's path is written as references write it: without
 * a slash it lies in the default project and environment.
 */
final class PatternReader {
    private static final Pattern STORE_PATH = Pattern.compile("[A-Za-z0-9._*/-]+");
    private static final int STORE_SEGMENTS = 3;

    private final Namespace namespace;
    private final Set<String> stores;
    private final Set<String> ignoringCase;
    private final Set<String> names;
    private final Reading reading;

    /**
     * @param names of all providers, those included whose section has a problem
     */
    PatternReader(Namespace namespace, List<ProviderConfig> providers, Set<String> names, Reading reading) {
        this.namespace = namespace;
        this.stores = named(providers, ProviderConfig.Store.class);
        this.ignoringCase = named(providers, ProviderConfig.AzureKeyVault.class);
        this.names = new TreeSet<>(names);
        this.reading = reading;
    }

    private static Set<String> named(List<ProviderConfig> providers, Class<? extends ProviderConfig> type) {
        return providers.stream()
                .filter(type::isInstance)
                .map(ProviderConfig::name)
                .collect(Collectors.toSet());
    }

    /** The patterns that mean something; the others are reported. */
    List<LocationPattern> read(List<Located<String>> patterns) {
        return patterns.stream().map(this::read).flatMap(Optional::stream).toList();
    }

    /** Paths of the store, without a provider. */
    List<LocationPattern> readOfStore(List<Located<String>> patterns) {
        String store = stores.iterator().next();
        return patterns.stream()
                .map(pattern -> inStore(pattern, store, pattern.value()))
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<LocationPattern> read(Located<String> pattern) {
        int colon = pattern.value().indexOf(':');
        String provider = pattern.value().substring(0, colon);
        String path = pattern.value().substring(colon + 1);
        if (!names.contains(provider)) {
            return refuse(pattern, "names no provider", () -> Suggestion.hintOrAll("providers", provider, names));
        }
        return stores.contains(provider)
                ? inStore(pattern, provider, path)
                : Optional.of(new LocationPattern(provider, inOneSpelling(provider, path)));
    }

    /** SECURITY: where a backend takes names in any case, locations are in lower case, and so is what denies them. */
    private String inOneSpelling(String provider, String path) {
        return ignoringCase.contains(provider) ? path.toLowerCase(Locale.ROOT) : path;
    }

    private Optional<LocationPattern> inStore(Located<String> pattern, String provider, String path) {
        if (!STORE_PATH.matcher(path).matches()) {
            return refuse(
                    pattern,
                    "can match no name",
                    () -> Optional.of("names in the store have letters, digits, '.', '_' and '-'"));
        }
        if (path.contains("**")) {
            return Optional.of(new LocationPattern(provider, path));
        }
        String[] segments = path.split("/", -1);
        if (segments.length == 1) {
            return Optional.of(new LocationPattern(provider, namespace + "/" + path));
        }
        return segments.length == STORE_SEGMENTS && Arrays.stream(segments).noneMatch(String::isEmpty)
                ? Optional.of(new LocationPattern(provider, path))
                : refuse(
                        pattern,
                        "can match no name",
                        () -> Optional.of("a path in the store is NAME or PROJECT/ENVIRONMENT/NAME; '**' crosses '/'"));
    }

    private Optional<LocationPattern> refuse(Located<String> pattern, String what, Supplier<Optional<String>> hint) {
        String written = Problems.quote(reading.expansion().asWritten(pattern));
        reading.problems().add(pattern.at(), "the pattern " + written + " " + what, hint);
        return Optional.empty();
    }
}

package dev.latchkey.agent.injection;

import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import dev.latchkey.agent.secret.SecretReference.Absence;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What small requests meant that came lately, for the same program is launched again and again. Names only: whether a caller may have
 * what they mean is decided each time anew. Any thread.
 */
final class RecentNamings {
    private static final int MOST = 256;
    private static final int MOST_BINDINGS = 16;
    private static final int MOST_CHARACTERS = 2_048;

    private volatile Generation generation = new Generation(null);

    /** Of one configuration: whichever is in force, nothing of another one counts. */
    private static final class Generation {
        private final @Nullable Settings settings;
        private final Map<LaunchRequest, Naming> namings = new ConcurrentHashMap<>();

        Generation(@Nullable Settings settings) {
            this.settings = settings;
        }
    }

    Naming of(LaunchRequest request, Settings settings) {
        // SECURITY: not even the hash of a token is kept.
        if (request.token().isPresent() || !isSmall(request)) {
            return Naming.of(request, settings);
        }
        Map<LaunchRequest, Naming> namings = namings(settings);
        Naming known = namings.get(request);
        if (known != null) {
            return known;
        }
        Naming naming = Naming.of(request, settings);
        if (isKept(naming)) {
            if (namings.size() >= MOST) {
                namings.clear();
            }
            namings.put(request, naming);
        }
        return naming;
    }

    @SuppressWarnings("ReferenceEquality")
    private Map<LaunchRequest, Naming> namings(Settings settings) {
        Generation now = generation;
        // One object for as long as they are in force: whether two say the same would take as long as the naming.
        if (settings != now.settings) {
            now = new Generation(settings);
            generation = now;
        }
        return now.namings;
    }

    private static boolean isSmall(LaunchRequest request) {
        List<RequestedBinding> bindings = request.bindings();
        if (bindings.size() > MOST_BINDINGS) {
            return false;
        }
        int characters = 0;
        for (RequestedBinding binding : bindings) {
            characters += binding.target().length() + binding.reference().length();
        }
        return characters <= MOST_CHARACTERS;
    }

    /** SECURITY: a default may be a value, and no value is kept. */
    private static boolean isKept(Naming naming) {
        return naming.fault().isEmpty()
                && naming.bindings().stream()
                        .allMatch(binding -> binding instanceof Named.Meant meant
                                && !(meant.reference().absence() instanceof Absence.Defaults));
    }
}

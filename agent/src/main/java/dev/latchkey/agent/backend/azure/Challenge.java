package dev.latchkey.agent.backend.azure;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a vault says a token must be like (RFC 9110, section 11.6.1; {@code Bearer authorization="https://AUTHORITY/TENANT", resource="https://…"}).
 *
 * <p>SECURITY: words of whoever answers. They are compared and never used.
 */
record Challenge(Optional<URI> authority, Optional<URI> resource) {
    private static final Pattern PARAMETER = Pattern.compile("([A-Za-z_]{1,32})=\"([^\"]{0,512})\"");

    static Challenge parse(String header) {
        Map<String, String> parameters = new HashMap<>();
        Matcher parameter = PARAMETER.matcher(header);
        while (parameter.find()) {
            parameters.putIfAbsent(parameter.group(1).toLowerCase(Locale.ROOT), parameter.group(2));
        }
        Optional<URI> authority = uri(parameters, "authorization").or(() -> uri(parameters, "authorization_uri"));
        return new Challenge(authority, uri(parameters, "resource").or(() -> uri(parameters, "scope")));
    }

    /** Something that is no address is a place of its own that equals none. */
    private static Optional<URI> uri(Map<String, String> parameters, String name) {
        return Optional.ofNullable(parameters.get(name)).map(text -> {
            try {
                return new URI(text);
            } catch (URISyntaxException e) {
                return URI.create("none:none");
            }
        });
    }

    /** Scheme, host and port are what counts of a resource; a scope has more behind them. */
    boolean isFor(String expected) {
        URI wanted = URI.create(expected);
        return resource.stream()
                .allMatch(found -> sameText(wanted.getScheme(), found.getScheme())
                        && sameText(wanted.getHost(), found.getHost())
                        && wanted.getPort() == found.getPort());
    }

    boolean names(Iterable<String> authorities) {
        if (authority.isEmpty()) {
            return true;
        }
        for (String host : authorities) {
            if (sameText(host, authority.get().getHost())) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is that of a directory; true also where it does not say. */
    boolean isOf(String tenant) {
        return authority
                .map(URI::getPath)
                .map(path -> path.replaceAll("^/|/.*$", ""))
                .filter(found -> !found.isEmpty())
                .map(found -> sameText(tenant, found))
                .orElse(true);
    }

    private static boolean sameText(String one, @Nullable String other) {
        return other != null && one.equalsIgnoreCase(other);
    }
}

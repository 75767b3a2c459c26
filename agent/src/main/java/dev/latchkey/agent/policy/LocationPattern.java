package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.SecretLocation;

/**
 * A pattern over {@code PROVIDER:PATH}: {@code *} matches any characters but {@code /}, {@code **} any at all, everything else itself.
 * The provider is literal.
 */
public record LocationPattern(String provider, String path) {
    public boolean matches(SecretLocation location) {
        return provider.equals(location.provider()) && Glob.matches(path, location.path());
    }

    @Override
    public String toString() {
        return provider + ":" + path;
    }
}

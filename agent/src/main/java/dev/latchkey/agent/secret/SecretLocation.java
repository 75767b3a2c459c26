package dev.latchkey.agent.secret;

/**
 * What a reference means, complete and without version or field: the name on which policy is decided.
 *
 * @param path in the provider's own form, for the store {@code project/environment/name}
 */
public record SecretLocation(String provider, String path) {
    /** {@code provider:path}, as patterns match it. */
    @Override
    public String toString() {
        return provider + ":" + path;
    }
}

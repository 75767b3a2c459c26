package dev.latchkey.agent.secret;

import org.jspecify.annotations.Nullable;

/**
 * What a reference means, complete and without version or field: the name on which policy is decided. Its text is put together once, for every
 * launch matches and records it.
 */
public final class SecretLocation {
    private final String provider;
    private final String path;
    private final String text;

    /**
     * @param path in the provider's own form, for the store {@code project/environment/name}
     */
    public SecretLocation(String provider, String path) {
        this.provider = provider;
        this.path = path;
        this.text = provider + ":" + path;
    }

    public String provider() {
        return provider;
    }

    public String path() {
        return path;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SecretLocation location
                && provider.equals(location.provider)
                && path.equals(location.path);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** {@code provider:path}, as patterns match it. */
    @Override
    public String toString() {
        return text;
    }
}

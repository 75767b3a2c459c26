package dev.latchkey.agent.secret;

import java.util.Optional;

/**
 * That somebody has got a version of a secret.
 *
 * @param version in the provider's own form
 * @param hold on the lease that it came under
 */
public record Holding(SecretLocation location, String version, Optional<Lease.Hold> hold) {
    /** What came under no lease. */
    public Holding(SecretLocation location, String version) {
        this(location, version, Optional.empty());
    }

    /** What was found, which is to be handed over; its lease has one holder more. */
    public static Holding of(SecretLocation location, FoundSecret secret) {
        return new Holding(location, secret.version(), secret.lease().map(Lease::hold));
    }

    /** Nobody has it any more. */
    public void end() {
        hold.ifPresent(Lease.Hold::close);
    }

    /** Whether somebody has it still will never be known. */
    public void leave() {
        hold.ifPresent(Lease.Hold::leave);
    }

    /** Of what strings remember; each launch looks for what others hold alike. */
    @Override
    public int hashCode() {
        return 31 * location.hashCode() + version.hashCode();
    }

    /** {@code location@version}. */
    @Override
    public String toString() {
        return location + "@" + version;
    }
}

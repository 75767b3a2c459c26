package dev.latchkey.protocol;

/**
 * A version of the protocol: SPEC.md, section 2.1.
 *
 * @param major 0 to 255
 * @param minor 0 to 255
 */
public record Version(int major, int minor) {
    /** The version that this codec writes. */
    public static final Version CURRENT = new Version(1, 0);

    public Version {
        if ((major | minor) >>> 8 != 0) {
            throw new IllegalStateException("not a version: " + major + "." + minor);
        }
    }

    /** Whether this codec decodes requests of that version: its own and the minor one before. */
    public boolean isServed() {
        return major == CURRENT.major && minor <= CURRENT.minor && minor >= CURRENT.minor - 1;
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}

package dev.latchkey.agent.workload;

import java.util.regex.Pattern;

/**
 * The hash of a file.
 *
 * @param hex 64 lower-case hexadecimal digits
 */
public record Sha256(String hex) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    public Sha256 {
        if (!FORM.matcher(hex).matches()) {
            throw new IllegalStateException("not a SHA-256 of 64 lower-case digits");
        }
    }

    @Override
    public String toString() {
        return hex;
    }
}

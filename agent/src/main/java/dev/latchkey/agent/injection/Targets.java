package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.injection.LaunchRequest.RequestedBinding;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The names that the variables of one request get, seen in their order. */
final class Targets {
    /** Bytes of a name, as in the protocol. */
    static final int LONGEST = 1024;

    private final Set<String> taken = new HashSet<>();

    /** What is wrong with the target of the next binding. */
    Optional<Failure> next(RequestedBinding binding) {
        String name = binding.target();
        if (!isVariable(name)) {
            return failure(
                    FailureKind.BAD_TARGET,
                    "not the name of a variable",
                    "such a name has letters, digits and '_', and does not begin with a digit");
        }
        if (!taken.add(name)) {
            return failure(
                    FailureKind.DUPLICATE_TARGET, "another binding has the same target", "bind each variable once");
        }
        if (DangerousNames.contains(name) && !binding.dangerousNameAllowed()) {
            return failure(
                    FailureKind.DANGEROUS_TARGET,
                    "a variable of this name changes which code programs run",
                    "--allow-dangerous-name binds it nevertheless, and the audit log says so");
        }
        return Optional.empty();
    }

    private static boolean isVariable(String name) {
        return !name.isEmpty()
                && name.length() <= LONGEST
                && !isDigit(name.charAt(0))
                && name.chars().allMatch(c -> isLetter(c) || isDigit(c));
    }

    private static boolean isLetter(int c) {
        return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static Optional<Failure> failure(FailureKind kind, String message, String hint) {
        return Optional.of(Failure.of(kind, message, hint));
    }
}

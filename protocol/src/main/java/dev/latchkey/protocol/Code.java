package dev.latchkey.protocol;

import java.util.Locale;
import java.util.Optional;

/**
 * Why a request was refused: the error table of SPEC.md, section 5. The launcher's exit status is {@code number / 100}.
 */
public enum Code {
    STARTING(12001),
    DRAINING(12002),

    DENIED(12101),
    SCOPE_DENIED(12102),
    CALLER_UNKNOWN(12103),

    SECRET_NOT_FOUND(12201),
    VERSION_NOT_FOUND(12202),
    FIELD_NOT_FOUND(12203),
    NO_VALUE(12204),
    EXPIRED(12205),
    VERSION_DISABLED(12206),
    UNKNOWN_PROJECT(12207),
    UNKNOWN_ENVIRONMENT(12208),
    NOT_DECODABLE(12209),
    CHECK_FAILED(12210),

    PROVIDER_UNAVAILABLE(12301),
    DECRYPTION_FAILED(12302),
    AUDIT_UNAVAILABLE(12303),
    TIMED_OUT(12304),
    BUSY(12305),
    NOT_JSON(12306),
    INTERNAL(12307),
    PROVIDER_DENIED(12308),
    PROVIDER_MALFORMED(12309),

    UNSUPPORTED_VERSION(12501),
    MALFORMED(12502),
    BAD_NAME(12503),
    BAD_TARGET(12504),
    BAD_REFERENCE(12505),
    UNKNOWN_PROVIDER(12506),
    DUPLICATE_TARGET(12507),
    DANGEROUS_TARGET(12508),
    VALUE_HAS_NUL(12509),
    VALUE_TOO_LONG(12510),
    BUNDLE_TOO_LARGE(12511),
    NOT_AVAILABLE(12512),
    BAD_DOCUMENT(12513),
    TARGET_IN_USE(12514);

    private final int number;
    private final String text;

    Code(int number) {
        this.number = number;
        this.text = name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The number on the wire, 12001 to 12599. */
    public int number() {
        return number;
    }

    /** The exit status of a launcher that is refused with this code: 120 to 125. */
    public int exitStatus() {
        return number / 100;
    }

    /** The name in the specification, as in {@code secret-not-found}. */
    public String text() {
        return text;
    }

    /** The code of that number, absent if this version of the protocol has none. */
    public static Optional<Code> find(int number) {
        for (Code code : values()) {
            if (code.number == number) {
                return Optional.of(code);
            }
        }
        return Optional.empty();
    }
}

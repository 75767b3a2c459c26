package dev.latchkey.agent.reference;

import dev.latchkey.agent.secret.SecretReference.Absence;
import dev.latchkey.agent.secret.SecretReference.Decoding;
import dev.latchkey.agent.secret.SecretReference.Encoding;
import java.util.Optional;

/** What stands after the first comma of a reference. */
record Options(Absence absence, Optional<Decoding> decode, Optional<Encoding> encode) {
    static final Options NONE = new Options(new Absence.Fails(), Optional.empty(), Optional.empty());

    /** Parses the options from the left, stopping at the first that is wrong. */
    static Options parse(Part text) {
        Options options = NONE;
        Part rest = text;
        for (int comma = rest.find(','); comma >= 0; comma = rest.find(',')) {
            options = options.with(rest.until(comma));
            rest = rest.from(comma + 1);
        }
        return options.with(rest);
    }

    private Options with(Part option) {
        int equals = option.find('=');
        if (option.isEmpty()) {
            throw option.badAt(0, "the option is empty");
        }
        if (option.raw().equals("optional")) {
            return absence(option, new Absence.Removes());
        }
        String name = equals < 0 ? "" : option.until(equals).raw();
        return switch (name) {
            case "default" -> withDefault(option, option.from(equals + 1));
            case "decode" -> decode(option, option.from(equals + 1).raw());
            case "encode" -> encode(option, option.from(equals + 1).raw());
            default -> throw option.badAt(0, "not an option: they are optional, default=, decode= and encode=");
        };
    }

    /** The column of the option comes before that of its text, so whether it may stand here is asked before it is decoded. */
    private Options withDefault(Part option, Part text) {
        requireNoAbsence(option, new Absence.Defaults(""));
        return absence(option, new Absence.Defaults(text.decodedText()));
    }

    private Options absence(Part option, Absence wanted) {
        requireNoAbsence(option, wanted);
        return new Options(wanted, decode, encode);
    }

    private void requireNoAbsence(Part option, Absence wanted) {
        if (absence.getClass() == wanted.getClass()) {
            throw option.badAt(0, "the same option twice");
        }
        if (!(absence instanceof Absence.Fails)) {
            throw option.badAt(0, "'optional' together with 'default='");
        }
    }

    private Options decode(Part option, String value) {
        Decoding wanted = switch (value) {
            case "base64" -> Decoding.BASE64;
            case "hex" -> Decoding.HEX;
            default -> throw option.badAt(0, "not an option: decode is base64 or hex");
        };
        if (decode.isPresent()) {
            throw option.badAt(0, "the same option twice");
        }
        return new Options(absence, Optional.of(wanted), encode);
    }

    private Options encode(Part option, String value) {
        Encoding wanted = switch (value) {
            case "base64" -> Encoding.BASE64;
            case "base64url" -> Encoding.BASE64URL;
            case "hex" -> Encoding.HEX;
            case "url" -> Encoding.URL;
            case "json" -> Encoding.JSON;
            default -> throw option.badAt(0, "not an option: encode is base64, base64url, hex, url or json");
        };
        if (encode.isPresent()) {
            throw option.badAt(0, "the same option twice");
        }
        return new Options(absence, decode, Optional.of(wanted));
    }
}

package dev.latchkey.agent.config;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.policy.RuleLimits;
import dev.latchkey.agent.secret.EnvironmentName;
import dev.latchkey.agent.secret.ProjectName;
import dev.latchkey.agent.secret.Scope;
import dev.latchkey.agent.workload.Sha256;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The single values that keys can have. */
final class Scalars {
    private static final String NAME_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,62}";
    private static final String NAME_HINT =
            "a name has 1 to 63 letters, digits, '.', '_' and '-', and begins with a letter or a digit";
    private static final String ID_HINT = "write the number if the machine's own files do not list the name";
    private static final long MAX_ID = (1L << 32) - 2;

    static final Scalar<String> NAME = pure("a name", NAME_HINT, NAME_PATTERN, Optional::of);
    static final Scalar<ProjectName> PROJECT =
            pure("a name for a project", NAME_HINT, NAME_PATTERN, text -> parsed(ProjectName::new, text));
    static final Scalar<EnvironmentName> ENVIRONMENT =
            pure("a name for an environment", NAME_HINT, NAME_PATTERN, text -> parsed(EnvironmentName::new, text));
    static final Scalar<Scope> SCOPE = pure("a scope", NAME_HINT, NAME_PATTERN, text -> parsed(Scope::new, text));

    static final Scalar<Path> ABSOLUTE_PATH = pure(
            "an absolute path",
            "begin it with '/': the agent may be started in any folder",
            "/.+",
            text -> path(text).map(Path::normalize));
    static final Scalar<Path> PATH = pure("a path", "a relative path begins in the state folder", ".+", Scalars::path);

    static final Scalar<AdminConfig.AdminSocket> ADMIN_SOCKET = pure(
            "an absolute path, or none",
            "begin a path with '/': the agent may be started in any folder",
            "none|/.+",
            text -> text.equals("none")
                    ? Optional.of(new AdminConfig.AdminSocket.None())
                    : path(text).map(path -> new AdminConfig.AdminSocket.At(path.normalize())));

    static final Scalar<Integer> MODE = pure(
            "a file mode",
            "a mode is octal with a leading 0, as in \"0660\"",
            "0[0-7]{3}",
            text -> Optional.of(Integer.parseInt(text, 8)));
    static final Scalar<Duration> DURATION = pure(
            "a duration",
            "a duration is 0, or one integer with ms, s, m, h or d, as in 30s",
            "0|[0-9]+(?:ms|s|m|h|d)",
            Scalars::duration);
    static final Scalar<Duration> SOME_TIME = pure(
            "a duration over 0",
            "a duration is one integer with ms, s, m, h or d, as in 30s",
            "0*[1-9][0-9]*(?:ms|s|m|h|d)",
            Scalars::duration);
    static final Scalar<Long> SIZE = pure(
            "a size",
            "a size is 0, or one integer with B, KiB, MiB or GiB, as in 64KiB",
            "0|[0-9]+(?:B|KiB|MiB|GiB)",
            Scalars::size);
    static final Scalar<Address> ADDRESS = pure(
            "an address to listen on",
            "an address is IP:PORT, as in 127.0.0.1:7342 or [::1]:7342",
            "(?:[0-9]{1,3}(?:\\.[0-9]{1,3}){3}|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}",
            Scalars::address);

    static final Scalar<Long> USER =
            new Scalar<>("a user of this machine", ID_HINT, "", (text, host) -> id(text, host::uidOf));
    static final Scalar<Long> GROUP =
            new Scalar<>("a group of this machine", ID_HINT, "", (text, host) -> id(text, host::gidOf));

    /** Of a user or a group, where no name can stand. */
    static final Scalar<Long> ID = pure(
            "a number of a user or a group",
            "write the number, as id -u or getent group prints it",
            "[0-9]{1,10}",
            text -> id(text, _ -> Optional.empty()));

    /** Only its form; whether its provider is there is known when the whole file is read. */
    static final Scalar<String> LOCATION_PATTERN = pure(
            "a pattern PROVIDER:PATH",
            "name the provider, as in \"store:analytics/production/*\"; '*' stops at '/', '**' does not",
            "[a-z][a-z0-9-]*:.+",
            Optional::of);

    /** A path in the store, without its provider. */
    static final Scalar<String> STORE_PATTERN = pure(
            "a pattern of the store",
            "write PROJECT/ENVIRONMENT/NAME or NAME, as in \"analytics/production/*\"; '*' stops at '/', '**' does not",
            "[^:]+",
            Optional::of);

    static final Scalar<String> TEXT = pure("text", "write at least one character", ".+", Optional::of);

    /** Any text that the kernel passes on, the empty one too. */
    static final Scalar<String> ARGUMENT =
            pure("an argument", "an argument is text without NUL", "[^\\x00]*", Optional::of);

    /** May be a credential, which a header or JSON must be able to carry. */
    static final Scalar<String> SECRET_TEXT = pure(
                    "printable text",
                    "write at least one printable ASCII character and no blank at its ends",
                    "[!-~](?:[ -~]*[!-~])?",
                    Optional::of)
            .shownIf(_ -> false);

    static final Scalar<String> VARIABLE_PREFIX = pure(
            "the beginning of a variable's name",
            "write letters, digits and '_', as in CREDENTIAL_",
            "[A-Za-z_][A-Za-z0-9_]*",
            Optional::of);

    static final Scalar<Integer> FEW = pure(
            "a small number", "a small number is 0 to 99", "[0-9]{1,2}", text -> Optional.of(Integer.valueOf(text)));

    /** SECURITY: a user in it would be a credential in a place that is shown. */
    static final Scalar<String> BACKEND_ADDRESS = pure(
                    "an address of a backend",
                    "write https://HOST[:PORT], http://HOST[:PORT] or unix:///PATH, without user, query and fragment; a port is at most 65535",
                    "https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._/-]*)?|https?://\\[[0-9A-Fa-f:]+\\](?::[0-9]{1,5})?|unix:///[^?#]+",
                    text -> text.startsWith("unix:") || isAddress(text) ? Optional.of(text) : Optional.empty())
            .shownIf(Scalars::hasNoUser);

    /** SECURITY: a credential goes there, so without TLS only to this machine. */
    static final Scalar<String> SECURE_ADDRESS = pure(
                    "an https address",
                    "write https://HOST[:PORT]; http is for 127.0.0.1 and localhost alone",
                    "https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/?|http://(?:127\\.0\\.0\\.1|localhost)(?::[0-9]{1,5})?/?",
                    text -> isAddress(text) ? Optional.of(text) : Optional.empty())
            .shownIf(Scalars::hasNoUser);

    static final Scalar<String> AZURE_NAME = pure(
            "a name in a Key Vault", "write 1 to 127 letters, digits and '-'", "[0-9A-Za-z-]{1,127}", Optional::of);

    /** Of a path within a backend, without slashes at its ends. */
    static final Scalar<String> BACKEND_PATH = pure(
            "a path within a backend",
            "write it without a slash at its beginning or end",
            "[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*",
            Optional::of);

    private static final String KEY_ID = "[^\\s/:]{1,200}";

    static final Scalar<String> KMS_KEY = pure(
            "a key of KMS",
            "write its ARN, as in arn:aws:kms:REGION:ACCOUNT:key/ID, or its id (8-4-4-4-12 hexadecimal digits, or mrk-…);"
                    + " an alias can be led to another key, so none stands for a key here",
            "arn:aws[a-z-]*:kms:[a-z0-9-]{1,40}:[0-9]{1,20}:key/" + KEY_ID + "|arn:(?!aws)[^\\s/]{1,200}:key/" + KEY_ID
                    + "|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|mrk-[^\\s/:]{1,200}",
            Optional::of);

    static final Scalar<String> UNIT = pure(
            "a unit of the service manager",
            "write its whole name, as in web.service",
            "[A-Za-z0-9:_.\\\\@-]+\\.(?:service|scope)",
            Optional::of);
    static final Scalar<String> CONTAINER = pure(
            "a container's id",
            "write all of its 64 hexadecimal digits, or at least the first 12",
            "[0-9a-f]{12,64}",
            Optional::of);
    static final Scalar<String> POD = pure(
            "a pod's uid",
            "write metadata.uid, as in 0f8fad5b-d9cb-469f-a165-70867728950e",
            "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}",
            Optional::of);
    static final Scalar<String> CONTROL_GROUP = pure(
            "the path of a control group",
            "begin it with '/', as in /system.slice/web.service; '*' matches within one segment",
            "(?:/(?!\\.{1,2}(?:/|$))(?!/)[^/\\p{Cntrl}]+)+",
            text -> text.contains("**") ? Optional.empty() : Optional.of(text));
    static final Scalar<Sha256> SHA256 = pure(
            "a SHA-256",
            "write 64 lower-case hexadecimal digits, as sha256sum prints them",
            "[0-9a-f]{64}",
            text -> Optional.of(new Sha256(text)));
    static final Scalar<RuleLimits.Rate> RATE =
            pure("a rate", "a rate is N/s, N/m or N/h, as in 100/s", "[1-9][0-9]{0,8}/[smh]", Scalars::rate);
    static final Scalar<Integer> COUNT = pure(
            "a number", "a number is 1 to 999999999", "[1-9][0-9]{0,8}", text -> Optional.of(Integer.valueOf(text)));

    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("([0-9]+)([A-Za-z]*)");
    private static final Map<String, Duration> TIME_UNITS = Map.of(
            "", Duration.ZERO,
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));
    private static final Map<String, Long> SIZE_UNITS =
            Map.of("", 0L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);
    private static final Duration LONGEST = Duration.ofDays(36_525);

    private Scalars() {}

    private static boolean hasNoUser(String address) {
        return !address.contains("@");
    }

    static <T> Scalar<T> pure(String words, String hint, String pattern, Function<String, Optional<T>> parser) {
        Pattern form = Pattern.compile(pattern);
        return new Scalar<>(
                words,
                hint,
                pattern,
                (text, _) -> form.matcher(text).matches() ? parser.apply(text) : Optional.empty());
    }

    private static <T> Optional<T> parsed(Function<String, T> constructor, String text) {
        try {
            return Optional.of(constructor.apply(text));
        } catch (AgentException e) {
            return Optional.empty();
        }
    }

    /** Whether its host can be one, and its port. */
    private static boolean isAddress(String text) {
        try {
            URI uri = new URI(text);
            return uri.getHost() != null && uri.getPort() != 0 && uri.getPort() <= 65_535;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static Optional<Path> path(String text) {
        try {
            return Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Optional<Duration> duration(String text) {
        Matcher parts = NUMBER_AND_UNIT.matcher(text);
        Duration unit = parts.matches() ? TIME_UNITS.get(parts.group(2)) : null;
        try {
            return Optional.ofNullable(unit)
                    .map(u -> u.multipliedBy(Long.parseLong(parts.group(1))))
                    .filter(duration -> duration.compareTo(LONGEST) <= 0);
        } catch (NumberFormatException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    private static Optional<RuleLimits.Rate> rate(String text) {
        int slash = text.indexOf('/');
        return duration("1" + text.substring(slash + 1))
                .map(per -> new RuleLimits.Rate(Integer.parseInt(text.substring(0, slash)), per));
    }

    private static Optional<Long> size(String text) {
        Matcher parts = NUMBER_AND_UNIT.matcher(text);
        Long unit = parts.matches() ? SIZE_UNITS.get(parts.group(2)) : null;
        try {
            return Optional.ofNullable(unit).map(u -> Math.multiplyExact(u, Long.parseLong(parts.group(1))));
        } catch (NumberFormatException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** SECURITY: literals only, so that reading a configuration never asks a name server. */
    private static Optional<Address> address(String text) {
        int colon = text.lastIndexOf(':');
        String host = text.substring(0, colon).replaceAll("^\\[|\\]$", "");
        try {
            return Optional.of(new Address(InetAddress.ofLiteral(host), Integer.parseInt(text.substring(colon + 1))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Long> id(String text, Function<String, Optional<Long>> named) {
        if (text.matches("[0-9]{1,10}")) {
            return Optional.of(Long.valueOf(text)).filter(id -> id <= MAX_ID);
        }
        return named.apply(text);
    }
}

package dev.latchkey.agent.backend.aws;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of something in AWS, in any account.
 *
 * @param resource what the service calls it, as in {@code secret:NAME-SUFFIX}
 */
public record AwsArn(String partition, String service, String region, String account, String resource) {
    /** What every one begins with. */
    public static final String PREFIX = "arn:";

    private static final Pattern FORM = Pattern.compile(
            "arn:(aws[a-z-]{0,20}):([a-z0-9-]{1,40}):([a-z0-9-]{1,40}):([0-9]{1,20}):([\\x21-\\x7E]{1,1024})");

    /** Absent if it is none. */
    public static Optional<AwsArn> parse(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches()
                ? Optional.of(new AwsArn(form.group(1), form.group(2), form.group(3), form.group(4), form.group(5)))
                : Optional.empty();
    }

    /** The same in another region: of a replica it differs in nothing else. */
    public AwsArn in(String other) {
        return new AwsArn(partition, service, other, account, resource);
    }

    @Override
    public String toString() {
        return PREFIX + String.join(":", partition, service, region, account, resource);
    }
}

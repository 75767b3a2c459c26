package dev.latchkey.agent.provider.aws;

import dev.latchkey.agent.backend.aws.AwsArn;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.util.List;
import java.util.Optional;

/**
 * A path as AWS takes it.
 *
 * @param arn absent: it is a name, which is the same in every region
 */
record Located(String path, Optional<AwsArn> arn) {
    static Located of(String path) {
        return new Located(path, AwsArn.parse(path));
    }

    static boolean isArn(String path) {
        return path.startsWith(AwsArn.PREFIX);
    }

    /**
     * Checks an ARN.
     *
     * @param resource what its resource begins with
     * @return its name within its account
     * @throws AgentException {@code BAD_NAME}
     */
    static String requireArn(String path, String provider, String service, String resource, List<String> regions) {
        AwsArn arn = AwsArn.parse(path)
                .filter(a -> a.service().equals(service) && a.resource().startsWith(resource))
                .orElseThrow(() -> new AgentException(
                        FailureKind.BAD_NAME,
                        "an ARN in " + provider + " is arn:aws:" + service + ":REGION:ACCOUNT:" + resource + "NAME",
                        "or write the name alone"));
        if (!regions.contains(arn.region())) {
            throw new AgentException(
                    FailureKind.BAD_NAME,
                    "the ARN is of a region that " + provider + " does not have",
                    "its regions are " + String.join(", ", regions));
        }
        return arn.resource().substring(resource.length());
    }

    Optional<String> region() {
        return arn.map(AwsArn::region);
    }

    String in(String region) {
        return arn.map(a -> a.in(region).toString()).orElse(path);
    }
}

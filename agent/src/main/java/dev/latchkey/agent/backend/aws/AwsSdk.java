package dev.latchkey.agent.backend.aws;

import dev.latchkey.agent.config.AwsConfig;
import dev.latchkey.agent.config.NetworkConfig;

/** What speaks to AWS. Loaded by {@code ServiceLoader}, so that what it needs is on no other class path. */
@FunctionalInterface
public interface AwsSdk {
    /** Opens a region. Asks nothing. */
    AwsRegion open(Place place);

    /**
     * Where, and as whom.
     *
     * @param name the backend's in this region, for messages
     * @param service which of the region's services
     */
    record Place(String name, AwsConfig config, String region, Service service, NetworkConfig network) {}

    /** A service. */
    enum Service {
        SECRETS_MANAGER,
        PARAMETER_STORE,
        KMS
    }
}

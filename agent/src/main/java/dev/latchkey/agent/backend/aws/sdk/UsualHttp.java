package dev.latchkey.agent.backend.aws.sdk;

import dev.latchkey.agent.backend.http.Tls;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpService;
import software.amazon.awssdk.utils.AttributeMap;

/** What the SDK finds where it makes a client by itself: a profile may name a role that is assumed, or a portal where its owner signed on. */
public final class UsualHttp implements SdkHttpService {
    @Override
    @SuppressWarnings("rawtypes") // as the SDK has it
    public SdkHttpClient.Builder createHttpClientBuilder() {
        return new Builder();
    }

    private static final class Builder implements SdkHttpClient.Builder<Builder> {
        @Override
        public SdkHttpClient buildWithDefaults(AttributeMap defaults) {
            return BoundedHttp.passingAnswers("the service of roles", Tls.USUAL);
        }
    }
}

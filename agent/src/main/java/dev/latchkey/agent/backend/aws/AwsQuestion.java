package dev.latchkey.agent.backend.aws;

import java.util.Map;
import java.util.Optional;

/** What a region can be asked. */
public sealed interface AwsQuestion {
    /**
     * A secret of Secrets Manager.
     *
     * @param id its name or its ARN
     * @param version absent: the one that is current
     */
    record Secret(String id, Optional<Version> version) implements AwsQuestion {}

    /**
     * A version of a secret.
     *
     * @param isStage whether it is the name of a stage, and not an id
     */
    record Version(String text, boolean isStage) {}

    /**
     * Which secrets there are, also those that are marked for deletion.
     *
     * @param prefix of their names
     * @param from the token of the page before it; absent: the first page
     */
    record ListSecrets(String prefix, Optional<String> from) implements AwsQuestion {}

    /**
     * Which parameters there are. They are not decrypted.
     *
     * @param path of their hierarchy, from its root
     * @param from the token of the page before it; absent: the first page
     */
    record ListParameters(String path, Optional<String> from) implements AwsQuestion {}

    /**
     * A parameter of Parameter Store, decrypted.
     *
     * @param selector its name or its ARN, and its version or label after a colon
     */
    record Parameter(String selector) implements AwsQuestion {}

    /**
     * Encrypt under a key of KMS.
     *
     * @param plaintext the caller's to wipe
     * @param context without which it cannot be decrypted
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Encrypt(String key, byte[] plaintext, Map<String, String> context) implements AwsQuestion {
        public Encrypt {
            context = Map.copyOf(context);
        }

        @Override
        public String toString() {
            return "encrypt under " + key;
        }
    }

    /** Decrypt under that key, and no other. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Decrypt(String key, byte[] ciphertext, Map<String, String> context) implements AwsQuestion {
        public Decrypt {
            context = Map.copyOf(context);
        }
    }

    /** What is known of a key of KMS. */
    record DescribeKey(String key) implements AwsQuestion {}
}

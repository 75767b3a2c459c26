package dev.latchkey.agent.crypto.awskms;

import dev.latchkey.agent.backend.aws.AwsAnswer;
import dev.latchkey.agent.backend.aws.AwsArn;
import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.backend.aws.AwsRegions;
import dev.latchkey.agent.backend.aws.AwsReply;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.crypto.RemoteKey;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A symmetric key of AWS KMS. */
public final class KmsKey implements RemoteKey {
    /** The name of its type in the configuration, which begins what messages call it. */
    public static final String KIND = "aws-kms";

    private final String keyId;
    private final Optional<AwsArn> arn;
    private final AwsRegions regions;

    /**
     * @param keyId its ARN or its id
     */
    public KmsKey(String keyId, AwsRegions regions) {
        this.keyId = keyId;
        this.arn = AwsArn.parse(keyId);
        this.regions = regions;
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String where() {
        return keyId;
    }

    /** What messages call the key of that id. */
    public static String name(String keyId) {
        return KIND + " " + keyId;
    }

    @Override
    public List<Generation> generations(Duration within) {
        return switch (ask(AwsQuestion.DescribeKey::new, within)) {
            case AwsAnswer.Missing _ -> List.of();
            case AwsAnswer.Found(AwsReply reply) -> {
                try (reply) {
                    yield List.of(described(reply));
                }
            }
        };
    }

    private Generation described(AwsReply reply) {
        // Of this kind are only keys that encrypt.
        boolean fits = metadata(reply, "KeySpec").equals(Optional.of("SYMMETRIC_DEFAULT"));
        if (!fits || !metadata(reply, "KeyState").equals(Optional.of("Enabled"))) {
            throw new AgentException(
                    FailureKind.STATE_UNUSABLE,
                    name(keyId) + " is " + (fits ? "not enabled" : "no symmetric key that encrypts"),
                    "enable it, or name another key");
        }
        Instant created = metadata(reply, "CreationDate")
                .filter(text -> text.matches("[0-9]{1,11}(?:\\.[0-9]{0,9})?(?:[eE][0-9])?"))
                .map(text -> Instant.ofEpochSecond(new BigDecimal(text).longValue()))
                .orElseThrow(() -> malformed("without the time when it was made"));
        return new Generation(generation(metadata(reply, "Arn")), created);
    }

    private static Optional<String> metadata(AwsReply reply, String field) {
        return reply.text("KeyMetadata", field);
    }

    /** The same in every region of a multi-Region key. */
    private String generation(Optional<String> found) {
        return found.flatMap(AwsArn::parse)
                .map(known -> known.account() + "/" + known.resource())
                .orElseThrow(() -> malformed("without the key's ARN"));
    }

    @Override
    public WrappedKey wrap(byte[] key, KeyContext context, Duration within) {
        Map<String, String> bound = bound(context);
        return switch (ask(id -> new AwsQuestion.Encrypt(id, key, bound), within)) {
            case AwsAnswer.Missing _ -> throw missing();
            case AwsAnswer.Found(AwsReply reply) -> {
                try (reply) {
                    byte[] wrapped = reply.bytes("CiphertextBlob").orElseThrow(() -> malformed("without a ciphertext"));
                    yield new WrappedKey(generation(reply.text("KeyId")), wrapped);
                }
            }
        };
    }

    @Override
    public byte[] unwrap(WrappedKey wrapped, KeyContext context, Duration within) throws AuthenticationException {
        Map<String, String> bound = bound(context);
        try {
            return switch (ask(id -> new AwsQuestion.Decrypt(id, wrapped.bytes(), bound), within)) {
                case AwsAnswer.Missing _ -> throw missing();
                case AwsAnswer.Found(AwsReply reply) -> {
                    try (reply) {
                        yield reply.bytes("Plaintext").orElseThrow(() -> malformed("without a plaintext"));
                    }
                }
            };
        } catch (AgentException e) {
            if (e.kind() == FailureKind.DECRYPTION_FAILED) {
                throw new AuthenticationException();
            }
            throw e;
        }
    }

    private AwsAnswer ask(Function<String, AwsQuestion> of, Duration within) {
        return regions.ask(
                arn.map(AwsArn::region),
                region -> of.apply(arn.map(a -> a.in(region).toString()).orElse(keyId)),
                within);
    }

    private static Map<String, String> bound(KeyContext context) {
        return Map.of("latchkey:store", context.store(), "latchkey:use", context.use(), "latchkey:key", context.key());
    }

    private AgentException missing() {
        return new AgentException(
                FailureKind.STATE_UNUSABLE,
                name(keyId) + " is not there",
                "check key-id and regions in the configuration");
    }

    private AgentException malformed(String what) {
        return new AgentException(FailureKind.PROVIDER_MALFORMED, name(keyId) + " answers " + what);
    }
}

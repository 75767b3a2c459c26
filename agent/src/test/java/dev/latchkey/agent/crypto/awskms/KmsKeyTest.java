package dev.latchkey.agent.crypto.awskms;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.backend.aws.FakeAws;
import dev.latchkey.agent.crypto.AuthenticationException;
import dev.latchkey.agent.crypto.KeyContext;
import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.crypto.WrappedKey;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KmsKeyTest {
    private static final String WEST = "eu-west-1";
    private static final String CENTRAL = "eu-central-1";
    private static final String ARN = "arn:aws:kms:eu-west-1:1:key/mrk-1";
    private static final String OTHER = "arn:aws:kms:eu-central-1:1:key/mrk-1";
    private static final Duration WITHIN = Duration.ofSeconds(20);
    private static final KeyContext CONTEXT = new KeyContext("store-1", "project web", "key-1");
    private static final WrappedKey WRAPPED = new WrappedKey("1/key/mrk-1", new byte[] {7});

    private final FakeAws aws = new FakeAws();
    private final KmsKey key = new KmsKey(ARN, aws.regions(KmsKey.name(ARN), WEST, CENTRAL));

    private static String metadata(String arn, String more) {
        return "{\"KeyMetadata\":{\"Arn\":\"" + arn
                + "\",\"CreationDate\":1795000000.25,\"KeySpec\":\"SYMMETRIC_DEFAULT\",\"KeyState\":\"Enabled\""
                + more + "}}";
    }

    @Test
    void aKeyIsOneGenerationInEveryRegion() {
        List<Generation> expected = List.of(new Generation("1/key/mrk-1", Instant.ofEpochSecond(1_795_000_000)));
        aws.says(WEST, metadata(ARN, ""));
        assertEquals(expected, key.generations(WITHIN));
        aws.isSilent(WEST).says(CENTRAL, metadata(OTHER, ""));
        assertEquals(expected, key.generations(WITHIN));
        assertEquals(new AwsQuestion.DescribeKey(OTHER), aws.question());
    }

    @Test
    void aKeyThatIsNotThereHasNone() {
        aws.isMissing(WEST);
        assertEquals(List.of(), key.generations(WITHIN));
        assertEquals(
                FailureKind.STATE_UNUSABLE,
                assertThrows(AgentException.class, () -> key.wrap(new byte[32], CONTEXT, WITHIN))
                        .kind());
    }

    @ParameterizedTest
    @CsvSource({
        "'\"KeyState\":\"Disabled\"', not enabled",
        "'\"KeyState\":\"PendingDeletion\"', not enabled",
        "'\"KeySpec\":\"RSA_2048\"', no symmetric key",
        "'\"KeySpec\":\"HMAC_256\"', no symmetric key"
    })
    void aKeyThatIsOfNoUseIsRefused(String more, String said) {
        aws.says(WEST, metadata(ARN, "," + more));
        AgentException refused = assertThrows(AgentException.class, () -> key.generations(WITHIN));
        assertEquals(FailureKind.STATE_UNUSABLE, refused.kind());
        assertTrue(refused.failure().message().contains(said), refused::getMessage);
    }

    @Test
    void wrapsForItsContextAlone() throws AuthenticationException {
        aws.says(WEST, "{\"CiphertextBlob\":\"Bw==\",\"KeyId\":\"" + ARN + "\"}");
        WrappedKey wrapped = key.wrap(new byte[] {1, 2}, CONTEXT, WITHIN);

        assertEquals("1/key/mrk-1", wrapped.kek());
        assertArrayEquals(new byte[] {7}, wrapped.bytes());
        AwsQuestion.Encrypt asked = assertInstanceOf(AwsQuestion.Encrypt.class, aws.question());
        assertEquals(ARN, asked.key());
        assertEquals(
                Map.of("latchkey:store", "store-1", "latchkey:use", "project web", "latchkey:key", "key-1"),
                asked.context());

        aws.says(WEST, "{\"Plaintext\":\"AQI=\"}");
        assertArrayEquals(new byte[] {1, 2}, key.unwrap(wrapped, CONTEXT, WITHIN));
        assertEquals(
                asked.context(),
                assertInstanceOf(AwsQuestion.Decrypt.class, aws.question()).context());
    }

    @Test
    void anotherRegionOpensWhatTheFirstWrapped() throws AuthenticationException {
        aws.isSilent(WEST).says(CENTRAL, "{\"Plaintext\":\"AQI=\"}");
        assertArrayEquals(new byte[] {1, 2}, key.unwrap(WRAPPED, CONTEXT, WITHIN));
        assertEquals(
                OTHER,
                assertInstanceOf(AwsQuestion.Decrypt.class, aws.question()).key());
    }

    @Test
    void aCiphertextOfAnotherContextIsNotAuthentic() {
        aws.refuses(WEST, FailureKind.DECRYPTION_FAILED);
        assertThrows(AuthenticationException.class, () -> key.unwrap(WRAPPED, CONTEXT, WITHIN));
    }

    @Test
    void aKeyThatIsAwayIsNotTakenForAnotherOne() {
        aws.isSilent(WEST).refuses(CENTRAL, FailureKind.DECRYPTION_FAILED);
        assertThrows(UnavailableException.class, () -> key.unwrap(WRAPPED, CONTEXT, WITHIN));
        aws.refuses(WEST, FailureKind.PROVIDER_DENIED);
        assertEquals(
                FailureKind.PROVIDER_DENIED,
                assertThrows(AgentException.class, () -> key.unwrap(WRAPPED, CONTEXT, WITHIN))
                        .kind());
    }
}

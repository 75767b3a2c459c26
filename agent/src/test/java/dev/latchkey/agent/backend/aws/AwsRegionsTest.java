package dev.latchkey.agent.backend.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AwsRegionsTest {
    private static final String WEST = "eu-west-1";
    private static final String CENTRAL = "eu-central-1";

    private final FakeAws aws = new FakeAws();
    private final AwsRegions regions = aws.regions("aws", WEST, CENTRAL);

    private AwsAnswer ask() {
        return ask(Optional.empty());
    }

    private AwsAnswer ask(Optional<String> first) {
        return regions.ask(first, _ -> new AwsQuestion.Parameter("p"), Duration.ofSeconds(20));
    }

    @Test
    void nothingIsLoadedBeforeItIsAsked() {
        assertEquals(0, aws.opened());
        aws.says(WEST, "{}");
        ask();
        ask();
        assertEquals(1, aws.opened());
    }

    @Test
    void canBeLoadedWithoutAskingAnything() {
        regions.prepare();
        assertEquals(1, aws.opened());
        assertEquals(List.of(), aws.asked());
        aws.says(WEST, "{}");
        ask();
        assertEquals(1, aws.opened());
    }

    @Test
    void theFirstThatAnswersDecides() {
        aws.says(WEST, "{}").says(CENTRAL, "{}");
        assertInstanceOf(AwsAnswer.Found.class, ask());
        aws.isMissing(WEST);
        assertInstanceOf(AwsAnswer.Missing.class, ask());
        aws.refuses(WEST, FailureKind.PROVIDER_DENIED);
        assertEquals(
                FailureKind.PROVIDER_DENIED,
                assertThrows(AgentException.class, this::ask).kind());
        assertEquals(List.of(WEST, WEST, WEST), aws.asked());
        assertEquals(Optional.empty(), regions.trouble());
    }

    @Test
    void anotherAnswersForOneThatIsSilent() {
        aws.isSilent(WEST).says(CENTRAL, "{}");

        assertInstanceOf(AwsAnswer.Found.class, ask());
        assertEquals(List.of(WEST, CENTRAL), aws.asked());
        assertEquals(
                Optional.of("eu-west-1: silent when it was last asked: aws in eu-west-1 is silent; eu-central-1: ok"),
                regions.trouble());
    }

    @Test
    void oneThatWasSilentIsAskedLastForAWhileAndThenFirstAgain() {
        aws.isSilent(WEST).says(CENTRAL, "{}");
        ask();
        aws.asked();
        ask();
        assertEquals(List.of(CENTRAL), aws.asked());

        aws.passes(Duration.ofSeconds(29));
        ask();
        assertEquals(List.of(CENTRAL), aws.asked());

        aws.says(WEST, "{}").passes(Duration.ofSeconds(1));
        ask();
        ask();
        assertEquals(List.of(WEST, WEST), aws.asked());
        assertEquals(Optional.empty(), regions.trouble());
    }

    @Test
    void onlyOneQuestionTriesARegionWhoseRestIsOver() {
        aws.isSilent(WEST).says(CENTRAL, "{}");
        ask();
        aws.passes(Duration.ofSeconds(30));
        aws.asked();
        aws.does(WEST, _ -> {
            // While it is being tried another question goes past it.
            aws.says(WEST, "{}");
            ask();
            return new AwsAnswer.Missing(false);
        });
        assertInstanceOf(AwsAnswer.Missing.class, ask());
        assertEquals(List.of(WEST, CENTRAL), aws.asked());
    }

    @Test
    void whatAReplicaDoesNotHaveMayBeWhereItIsSilent() {
        aws.isSilent(WEST).isMissing(CENTRAL);
        UnavailableException failed = assertThrows(UnavailableException.class, this::ask);
        assertEquals("aws in eu-west-1 is silent, and eu-central-1 does not have it", failed.getMessage());

        // Now it is asked last, and still its silence is no answer.
        aws.asked();
        assertThrows(UnavailableException.class, this::ask);
        assertEquals(List.of(CENTRAL, WEST), aws.asked());

        aws.isMissing(WEST);
        assertInstanceOf(AwsAnswer.Missing.class, ask());
    }

    @Test
    void whatAReplicaRefusesMayBeAllowedWhereItIsSilent() {
        aws.isSilent(WEST).refuses(CENTRAL, FailureKind.PROVIDER_DENIED);
        UnavailableException failed = assertThrows(UnavailableException.class, this::ask);
        assertTrue(failed.failure().message().endsWith(", and eu-central-1 refuses"), failed::getMessage);
    }

    @Test
    void whereAllAreSilentTheFirstIsTold() {
        aws.isSilent(WEST).isSilent(CENTRAL);
        assertEquals(
                "aws in eu-west-1 is silent",
                assertThrows(UnavailableException.class, this::ask).getMessage());
        aws.asked();
        assertThrows(UnavailableException.class, this::ask);
        assertEquals(List.of(WEST, CENTRAL), aws.asked());
    }

    @Test
    void aNameWithARegionIsAskedForThereFirst() {
        aws.says(WEST, "{}").says(CENTRAL, "{}");
        ask(Optional.of(CENTRAL));
        assertEquals(List.of(CENTRAL), aws.asked());
        aws.isSilent(CENTRAL);
        ask(Optional.of(CENTRAL));
        assertEquals(List.of(CENTRAL, WEST), aws.asked());
    }

    @Test
    void oneRegionCannotSpendTheTimeOfAll() {
        aws.isSilent(WEST).says(CENTRAL, "{}");
        ask();
        assertEquals(List.of(Duration.ofSeconds(5), Duration.ofSeconds(20)), aws.patience());
    }

    @Test
    void timeThatIsOverIsOver() {
        aws.does(WEST, _ -> {
            aws.passes(Duration.ofSeconds(20));
            throw FakeAws.silence(WEST);
        });
        assertEquals(
                "aws in eu-west-1 is silent",
                assertThrows(UnavailableException.class, this::ask).getMessage());
        assertEquals(List.of(WEST), aws.asked());
    }

    @Test
    void theOnlyRegionIsTheBackend() {
        AwsRegions one = aws.isSilent(WEST).regions("aws", WEST);
        assertThrows(
                UnavailableException.class,
                () -> one.ask(Optional.empty(), _ -> new AwsQuestion.Parameter("p"), Duration.ofSeconds(20)));
        assertEquals(Optional.empty(), one.trouble());
        assertEquals(List.of(Duration.ofSeconds(20)), aws.patience());
    }
}

package dev.latchkey.agent.provider.aws;

import dev.latchkey.agent.backend.aws.AwsAnswer;
import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.backend.aws.AwsRegions;
import dev.latchkey.agent.backend.aws.AwsReply;
import dev.latchkey.agent.json.JsonPart;
import dev.latchkey.agent.secret.SecretListing.Listed;
import dev.latchkey.agent.secret.SecretListing.Page;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * Pages of a list that each region has by itself. The token for the next page means nothing in another region, so where a page ended is that region and its
 * token; if another region has to answer, its list begins anew, and whoever asks has what is in both twice.
 *
 * @param array the answer's list
 * @param listed what one of its objects is; empty for none
 */
record RegionalPages(AwsRegions regions, String array, Function<JsonPart, Optional<Listed>> listed) {
    private static final String NEXT = "NextToken";
    private static final char BEHIND_REGION = ' ';

    /**
     * One page.
     *
     * @param question what a region is asked, with the token of where to go on
     */
    Page page(Function<Optional<String>, AwsQuestion> question, Optional<String> from, Duration within) {
        AtomicReference<String> asked = new AtomicReference<>("");
        Optional<String> region = from.map(place -> place.substring(0, place.indexOf(BEHIND_REGION)));
        AwsAnswer answer = regions.ask(
                region,
                one -> {
                    asked.set(one);
                    return question.apply(
                            region.equals(Optional.of(one)) ? from.map(RegionalPages::token) : Optional.empty());
                },
                within);
        return switch (answer) {
            case AwsAnswer.Found(AwsReply reply) -> page(reply, asked.get());
            case AwsAnswer.Missing _ -> Page.whole(List.of());
        };
    }

    private Page page(AwsReply reply, String region) {
        try (reply) {
            List<Listed> all = reply.objects(array).stream()
                    .flatMap(part -> listed.apply(part).stream())
                    .toList();
            return new Page(
                    all,
                    List.of(),
                    reply.text(NEXT).filter(token -> !token.isEmpty()).map(token -> region + BEHIND_REGION + token));
        }
    }

    private static String token(String place) {
        return place.substring(place.indexOf(BEHIND_REGION) + 1);
    }
}

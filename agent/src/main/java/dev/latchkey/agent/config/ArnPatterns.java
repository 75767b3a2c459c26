package dev.latchkey.agent.config;

import dev.latchkey.agent.yaml.Located;
import dev.latchkey.agent.yaml.Problems;
import java.util.List;
import java.util.Optional;

/**
 * What in AWS has a name can be named by its ARN too. SECURITY: a rule that denies names, and allows ARNs by a star, would deny nothing; so it must say
 * what becomes of ARNs.
 *
 * @param provider the name of one that is in AWS
 */
record ArnPatterns(String provider, Reading reading) {
    private static final String ARN = "arn:";

    static void check(List<ProviderConfig> providers, Draft.Patterns patterns, Reading reading) {
        providers.stream()
                .filter(p -> p instanceof ProviderConfig.AwsSecrets || p instanceof ProviderConfig.AwsParameters)
                .forEach(p -> new ArnPatterns(p.name(), reading).check(patterns));
    }

    private void check(Draft.Patterns patterns) {
        boolean allowed = patterns.allow().stream()
                .anyMatch(allow -> path(allow).filter(ArnPatterns::reachesArns).isPresent());
        boolean told = patterns.deny().stream()
                .anyMatch(deny -> path(deny)
                        .filter(path -> path.startsWith(ARN) || path.equals("**"))
                        .isPresent());
        if (allowed && !told) {
            patterns.deny().stream()
                    .filter(deny -> path(deny).isPresent())
                    .findFirst()
                    .ifPresent(this::report);
        }
    }

    private void report(Located<String> deny) {
        reading.problems()
                .add(
                        deny.at(),
                        "what " + Problems.quote(reading.expansion().asWritten(deny))
                                + " denies has an ARN too, which this rule allows",
                        "deny \"" + provider + ":arn:**\" as well, or the ARNs that are meant");
    }

    private Optional<String> path(Located<String> pattern) {
        String prefix = provider + ":";
        return Optional.of(pattern.value())
                .filter(text -> text.startsWith(prefix))
                .map(text -> text.substring(prefix.length()));
    }

    private static boolean reachesArns(String path) {
        int star = path.indexOf('*');
        String begin = star < 0 ? path : path.substring(0, star);
        return begin.startsWith(ARN) || (star >= 0 && ARN.startsWith(begin));
    }
}

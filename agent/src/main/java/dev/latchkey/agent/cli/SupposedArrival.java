package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.Order;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a caller that is only imagined would come. */
final class SupposedArrival {
    @Option(names = "--listener", paramLabel = "NAME", description = "the socket it comes in by; default: the first")
    Optional<String> listener = Optional.empty();

    @Option(names = "--no-pid", description = "it lives in a PID namespace that the agent does not see")
    boolean noPid;

    @Option(names = "--weak-pin", description = "it is pinned as on a kernel before Linux 6.5")
    boolean weakPin;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "it presents the token of a rule, named as that rule's token-file")
    Optional<String> tokenFile = Optional.empty();

    Order.Explain.Arrival order() {
        return new Order.Explain.Arrival(listener, !noPid, !weakPin, tokenFile);
    }
}

package dev.latchkey.agent.injection;

import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.injection.InjectionResult.BindingFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects what is wrong with one request. SECURITY: so much at most as one answer tells, for a document can be wrong in more ways; the rest is counted. */
final class Failures {
    /** One for each binding that a request can have; behind them there is room for how many more there are. */
    static final int MOST = 1_024;

    private final List<BindingFailure> told = new ArrayList<>();
    private Optional<BindingFailure> last = Optional.empty();
    private int more;

    Failures() {}

    /** Goes on from those. */
    Failures(Failures earlier) {
        told.addAll(earlier.told);
        last = earlier.last;
        more = earlier.more;
    }

    /** Of the request as a whole. */
    void add(Failure failure) {
        add(new BindingFailure(Optional.empty(), failure));
    }

    void add(BindingFailure failure) {
        last = Optional.of(failure);
        if (told.size() < MOST) {
            told.add(failure);
        } else {
            more++;
        }
    }

    boolean isEmpty() {
        return told.isEmpty();
    }

    int count() {
        return told.size() + more;
    }

    /** The one that was added last, whether it is told or not. */
    Failure last() {
        return last.orElseThrow().failure();
    }

    /** Without what they are for. */
    List<Failure> list() {
        return all().stream().map(BindingFailure::failure).toList();
    }

    List<BindingFailure> all() {
        List<BindingFailure> all = new ArrayList<>(told);
        if (more > 0) {
            all.add(new BindingFailure(
                    Optional.empty(),
                    Failure.of(last.orElseThrow().failure().kind(), "and " + more + " more failures")));
        }
        return all;
    }
}

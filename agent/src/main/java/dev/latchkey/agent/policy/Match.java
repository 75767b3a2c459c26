package dev.latchkey.agent.policy;

import dev.latchkey.agent.workload.Caller;
import dev.latchkey.agent.workload.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The selectors of a rule, one of a kind at most; all must fit.
 *
 * <p>SECURITY: {@link Caller#UNMAPPED_UID} is any user that has no name here, so only a match that names it fits such a caller; and a
 * caller whose pid cannot be seen fits only where its listener is named, for a rule that names users alone means those of this machine.
 *
 * @param selectors in the order in which they are tested: what costs nothing first
 */
public record Match(List<Selector> selectors) {
    private static final List<String> ORDER = List.of(
            "listener",
            "uid",
            "gid",
            "groups",
            "pin",
            "token-file",
            "unit",
            "container",
            "pod",
            "cgroup",
            "exe",
            "exe-sha256",
            CommandSelector.Found.KEY,
            CommandSelector.Content.KEY,
            CommandSelector.Arguments.KEY);

    public Match {
        if (selectors.stream().map(Selector::key).distinct().count() < selectors.size()) {
            throw new IllegalStateException("two selectors of a kind");
        }
        selectors = selectors.stream()
                .sorted((one, other) -> ORDER.indexOf(one.key()) - ORDER.indexOf(other.key()))
                .toList();
    }

    public static Match of(Selector... selectors) {
        return new Match(List.of(selectors));
    }

    /** Whether it tells nobody from anybody else. */
    public boolean isEmpty() {
        for (Selector selector : selectors) {
            if (!(selector instanceof CallerSelector.StrictPin)) {
                return false;
            }
        }
        return true;
    }

    /** The first selector that does not fit decides; SECURITY: an empty match fits nobody, lest a mistake serve everybody. */
    Verdict test(Workload workload) {
        if (isEmpty() || !names(workload.caller())) {
            return Verdict.DIFFERS;
        }
        Verdict verdict = Verdict.FITS;
        for (Selector selector : selectors) {
            Verdict one = selector.test(workload);
            if (one == Verdict.DIFFERS) {
                return one;
            }
            verdict = one == Verdict.UNKNOWN ? one : verdict;
        }
        return verdict;
    }

    private boolean names(Caller caller) {
        return (caller.uid() != Caller.UNMAPPED_UID
                        || find(CallerSelector.Uid.class).isPresent())
                && (caller.hasPid() || find(CallerSelector.Listener.class).isPresent());
    }

    /** In words, each condition that does not hold for the workload; none exactly if it {@link #test fits}. */
    List<String> mismatches(Workload workload) {
        List<String> all = new ArrayList<>();
        if (isEmpty()) {
            all.add("it has no selector");
        }
        if (workload.caller().uid() == Caller.UNMAPPED_UID
                && find(CallerSelector.Uid.class).isEmpty()) {
            all.add("uid " + Caller.UNMAPPED_UID + " is matched only where it is named");
        }
        if (!workload.caller().hasPid() && find(CallerSelector.Listener.class).isEmpty()) {
            all.add("a caller without a pid is matched only where its listener is named");
        }
        selectors.stream()
                .filter(selector -> selector.test(workload) != Verdict.FITS)
                .map(selector -> selector.mismatch(workload))
                .forEach(all::add);
        return all;
    }

    /** Whether every caller that fits the later match fits this one too. */
    boolean covers(Match later) {
        return selectors.stream()
                        .allMatch(selector -> later.sameKind(selector)
                                .filter(selector::covers)
                                .isPresent())
                && (find(CallerSelector.Uid.class).isPresent() || !later.namesTheUnmapped());
    }

    private boolean namesTheUnmapped() {
        return find(CallerSelector.Uid.class)
                .filter(uid -> uid.ids().contains(Caller.UNMAPPED_UID))
                .isPresent();
    }

    private Optional<Selector> sameKind(Selector other) {
        return selectors.stream()
                .filter(selector -> selector.key().equals(other.key()))
                .findFirst();
    }

    /** Whether it has a selector of that kind. */
    boolean has(String key) {
        return selectors.stream().anyMatch(selector -> selector.key().equals(key));
    }

    /** The names of the listeners it asks for, if it does. */
    public Optional<CallerSelector.Listener> listener() {
        return find(CallerSelector.Listener.class);
    }

    private <T extends Selector> Optional<T> find(Class<T> kind) {
        return selectors.stream().filter(kind::isInstance).map(kind::cast).findFirst();
    }

    /** The keys of the selectors that need a pid. */
    List<String> needingPid() {
        return selectors.stream().filter(Selector::needsPid).map(Selector::key).toList();
    }

    @Override
    public String toString() {
        return selectors.stream()
                .map(selector -> selector.key() + " " + selector.values())
                .collect(Collectors.joining(", ", "{", "}"));
    }
}

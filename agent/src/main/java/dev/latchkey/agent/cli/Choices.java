package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.Signal;
import dev.latchkey.agent.admin.view.AuditRecordView;
import dev.latchkey.agent.imports.ImportFormat;
import dev.latchkey.agent.secret.NamingRule;
import dev.latchkey.agent.secret.OnExisting;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Options whose values are words of a list. */
final class Choices {
    private Choices() {}

    /** The words of an option, for completions; each list is a class, for an annotation can name nothing else. */
    abstract static class Words implements Iterable<String> {
        private final List<String> all;

        Words(List<String> all) {
            this.all = List.copyOf(all);
        }

        @Override
        public Iterator<String> iterator() {
            return all.iterator();
        }
    }

    static final class Prints extends Words {
        Prints() {
            super(List.of("table", "json"));
        }
    }

    static final class Imports extends Words {
        Imports() {
            super(ImportFormat.texts());
        }
    }

    static final class Existing extends Words {
        Existing() {
            super(OnExisting.texts());
        }
    }

    static final class Kinds extends Words {
        Kinds() {
            super(AuditRecordView.KINDS);
        }
    }

    static final class Signals extends Words {
        Signals() {
            super(Signal.names());
        }
    }

    static final class Levels extends Words {
        Levels() {
            super(RunArguments.LEVELS);
        }
    }

    static final class LogFormats extends Words {
        LogFormats() {
            super(RunArguments.FORMATS);
        }
    }

    static final class Namings extends Words {
        Namings() {
            super(NamingRule.texts());
        }
    }

    /** Refuses a word that is not in the list, which it tells. */
    static void require(String option, Optional<String> given, List<String> known) {
        given.filter(word -> !known.contains(word)).ifPresent(_ -> {
            throw refused(option, known);
        });
    }

    static CommandFailure refused(String option, List<String> known) {
        return CommandFailure.usage("not a value for " + option, option + " is one of " + String.join(", ", known));
    }
}

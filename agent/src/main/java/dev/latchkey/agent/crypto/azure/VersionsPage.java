package dev.latchkey.agent.crypto.azure;

import dev.latchkey.agent.crypto.KeyEncryptionKey.Generation;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.json.JsonAnswer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Some of the versions of a key, as a vault lists them. */
record VersionsPage(JsonAnswer answer) {
    private static final Pattern VERSION = Pattern.compile("[0-9a-f]{32}");
    private static final int MOST = 1_000;

    /** Those that can unwrap. */
    List<Generation> enabled(String key) {
        List<Generation> enabled = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            Optional<String> kid = answer.text("value", Integer.toString(i), "kid");
            if (kid.isEmpty()) {
                return enabled;
            }
            if (isEnabled(i)) {
                enabled.add(generation(key, i, kid.get()));
            }
        }
        throw malformed("lists versions without end");
    }

    private boolean isEnabled(int i) {
        return answer.text("value", Integer.toString(i), "attributes", "enabled")
                .filter("true"::equals)
                .isPresent();
    }

    private Generation generation(String key, int i, String kid) {
        String version = kid.substring(kid.lastIndexOf('/') + 1);
        if (!VERSION.matcher(version).matches()) {
            throw malformed("lists a version that is none");
        }
        Instant created = answer.number("value", Integer.toString(i), "attributes", "created")
                .map(Instant::ofEpochSecond)
                .orElseThrow(() -> malformed("does not say when a version was made"));
        return new Generation(key + "/" + version, created);
    }

    private AgentException malformed(String what) {
        return new AgentException(FailureKind.PROVIDER_MALFORMED, answer.name() + " " + what);
    }
}

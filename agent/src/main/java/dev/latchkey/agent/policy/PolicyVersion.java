package dev.latchkey.agent.policy;

import dev.latchkey.agent.secret.Scope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** A short hash of rules. Each list goes in with its length and each text with its own, so that no two policies look alike. */
final class PolicyVersion {
    private static final int BYTES = 6;

    private final MessageDigest digest = sha256();

    private PolicyVersion() {}

    static String of(List<Rule> rules) {
        PolicyVersion version = new PolicyVersion();
        version.put(rules.size());
        rules.forEach(version::put);
        return HexFormat.of().formatHex(version.digest.digest(), 0, BYTES);
    }

    private void put(Rule rule) {
        put(rule.name());
        put(rule.match().selectors().size());
        rule.match().selectors().forEach(selector -> {
            put(selector.key());
            put(selector.values());
        });
        put(texts(rule.grants().allow().list()));
        put(texts(rule.grants().deny().list()));
        put(texts(rule.grants().injectAll().list()));
        put(rule.grants().scopes().stream().sorted().map(Scope::text).toList());
        put(rule.limits().toString());
    }

    private static List<String> texts(List<LocationPattern> patterns) {
        return patterns.stream().map(LocationPattern::toString).toList();
    }

    private void put(List<String> texts) {
        put(texts.size());
        texts.forEach(this::put);
    }

    private void put(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        put(bytes.length);
        digest.update(bytes);
    }

    private void put(int number) {
        digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(number).flip());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}

package dev.latchkey.agent.imports;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The forms of files. */
public enum ImportFormat {
    /** Lines of {@code NAME=VALUE}. */
    DOTENV,
    /** One object of names and values. */
    JSON,
    /** The connections of a {@code .bruin.yml}. */
    BRUIN,
    /** What {@code vault kv get -format=json} prints, or an object of paths with such answers or with the fields themselves. */
    VAULT_KV,
    /** What {@code aws secretsmanager get-secret-value} and {@code batch-get-secret-value} print, any number of them. */
    AWS_SM;

    /** As commands write it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** All of them, as commands write them. */
    public static List<String> texts() {
        return Arrays.stream(values()).map(ImportFormat::text).toList();
    }

    /** The one that is written so. */
    public static Optional<ImportFormat> of(String text) {
        return Arrays.stream(values()).filter(one -> one.text().equals(text)).findFirst();
    }

    /** What a file of that name holds, by custom. */
    public static Optional<ImportFormat> ofFile(String name) {
        if (name.equals(".env") || name.startsWith(".env.") || name.endsWith(".env")) {
            return Optional.of(DOTENV);
        }
        if (name.endsWith(".bruin.yml") || name.endsWith(".bruin.yaml")) {
            return Optional.of(BRUIN);
        }
        return name.endsWith(".json") ? Optional.of(JSON) : Optional.empty();
    }
}

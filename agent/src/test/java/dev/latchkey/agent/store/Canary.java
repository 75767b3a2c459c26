package dev.latchkey.agent.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Planted values and the search for them, in any common encoding, in every file below a folder. */
final class Canary {
    private static final int BYTES = 32;

    private Canary() {}

    static byte[] random() {
        byte[] canary = new byte[BYTES];
        new SecureRandom().nextBytes(canary);
        return canary;
    }

    static boolean occursIn(Path folder, byte[] canary) throws IOException {
        List<byte[]> forms = forms(canary);
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                if (forms.stream().anyMatch(f -> content.contains(new String(f, StandardCharsets.ISO_8859_1)))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Base64 begins at any of three places of the text around it, so the outer characters are left out. */
    private static List<byte[]> forms(byte[] canary) {
        List<byte[]> forms = new ArrayList<>(List.of(canary));
        String hex = HexFormat.of().formatHex(canary);
        forms.add(hex.getBytes(StandardCharsets.US_ASCII));
        forms.add(HexFormat.of().withUpperCase().formatHex(canary).getBytes(StandardCharsets.US_ASCII));
        for (int shift = 0; shift < 3; shift++) {
            byte[] shifted = new byte[canary.length + shift];
            System.arraycopy(canary, 0, shifted, shift, canary.length);
            String text = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            forms.add(text.substring(4, text.length() - 4).getBytes(StandardCharsets.US_ASCII));
        }
        return forms;
    }
}

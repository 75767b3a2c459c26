package dev.latchkey.agent.crypto;

/** A ciphertext is not what was sealed under this key for this context. Says nothing more, for there is nothing more to know. */
public final class AuthenticationException extends Exception {
    public AuthenticationException() {
        super("authentication failed");
    }
}

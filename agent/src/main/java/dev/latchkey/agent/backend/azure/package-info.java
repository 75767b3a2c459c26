/**
 * Azure Key Vault: requests, tokens, and what answers mean.
 *
 * <p>A token is got at the first request and kept until shortly before it ends; one that is refused is got anew once. Where it comes from and what it is
 * for is known from the configuration, the environment and the vault's own name.
 *
 * <p>SECURITY: the challenge of a vault ({@code WWW-Authenticate}) is compared with that and never followed, so that nobody who answers in a vault's place
 * can have a token for something else, or send the agent's credentials elsewhere. What is wrong is told by status and by error codes that are known
 * here; bodies are wiped, and no text of theirs is ever told. Tokens are kept in arrays that are wiped. Any thread.
 */
@NullMarked
package dev.latchkey.agent.backend.azure;

import org.jspecify.annotations.NullMarked;

/**
 * References to secrets of an Azure Key Vault: {@code azure:db-password@VERSION} is a version of the secret {@code db-password}, {@code azure:db#user} a
 * field of one that holds JSON.
 *
 * <p>Key Vault takes names in any case; here a location is in lower case, and so are the patterns that policy compares it with. A value is a text and is
 * delivered as it is. A vault gives values that are expired or not yet valid too; here they are not served.
 *
 * <p>Nothing is kept here; any thread.
 */
@NullMarked
package dev.latchkey.agent.provider.azure;

import org.jspecify.annotations.NullMarked;

/** Tests of the client. */
@NullMarked
package dev.latchkey.agent.backend.vault;

import org.jspecify.annotations.NullMarked;

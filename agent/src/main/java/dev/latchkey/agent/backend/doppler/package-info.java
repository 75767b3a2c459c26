/**
 * Doppler: downloading the secrets of one config, and what its answers mean.
 *
 * <p>What was downloaded before is asked about by its ETag, so that an unchanged config is not sent again. No redirect is followed.
 *
 * <p>SECURITY: what is wrong is told by the status alone. Bodies are wiped, and no text of theirs is ever told. Any thread.
 */
@NullMarked
package dev.latchkey.agent.backend.doppler;

import org.jspecify.annotations.NullMarked;

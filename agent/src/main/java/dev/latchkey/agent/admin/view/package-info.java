/**
 * What the admin interface says and is told, as records that the agent and its command line share.
 *
 * <p>A record's components are the keys of its JSON object, so that a key is defined once; {@link
 * dev.latchkey.agent.admin.view.RecordJson} writes and reads them. Times are RFC 3339 in UTC, durations whole seconds, and what is absent is
 * {@code null}. The JSON Schemas of the distribution are compared with these records by a test.
 *
 * <p>SECURITY: no record here has room for a value. Immutable; any thread.
 */
@NullMarked
package dev.latchkey.agent.admin.view;

import org.jspecify.annotations.NullMarked;

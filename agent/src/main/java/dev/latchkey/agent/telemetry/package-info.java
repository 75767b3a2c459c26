/**
 * What the agent says about itself: its log lines, with every event and every key in one place.
 *
 * <p>A line is one event of {@link dev.latchkey.agent.telemetry.Event} with fields of {@link dev.latchkey.agent.telemetry.Key},
 * as logfmt or JSON on stderr. There is no free text beside failures' messages, so that a reviewer can see that no value can reach a log.
 *
 * <p>SECURITY: fields take names, numbers and messages of failures; nothing in the agent turns a value into text. Nothing
 * on the path of a launch logs unless it fails. Any thread.
 */
@NullMarked
package dev.latchkey.agent.telemetry;

import org.jspecify.annotations.NullMarked;

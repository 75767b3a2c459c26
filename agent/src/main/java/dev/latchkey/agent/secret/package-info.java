/**
 * The domain: what a secret is, how it is named, and the two ports behind which secrets live.
 *
 * <p>A secret has immutable versions 1, 2, 3 …; at most one is current. {@link dev.latchkey.agent.secret.SecretProvider}
 * is what an injection sees of any place that has secrets; {@link dev.latchkey.agent.secret.SecretStore} is what operators
 * can do with our own. Looking a secret up and opening its value are two steps, so that everything that can be refused is
 * refused before a value exists.
 *
 * <p>Names are parsed once, at the border, into types that cannot hold a bad one. Only {@link
 * dev.latchkey.agent.secret.SecretValue} and what a secret is opened into ever hold a value; neither has a text form.
 *
 * <p>Everything here is immutable and may be used by any thread, except {@code SecretValue}, which belongs to the one
 * thread that opened it. Implementations of the ports may block and must accept any number of threads.
 */
@NullMarked
package dev.latchkey.agent.secret;

import org.jspecify.annotations.NullMarked;

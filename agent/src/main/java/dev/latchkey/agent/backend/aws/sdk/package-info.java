/**
 * Asks AWS through its SDK for Java. Everything that touches a class of the SDK is here.
 *
 * <p>This package and the SDK are no part of {@code agent.jar}: they lie in {@code lib/adapters/aws}. Its door is the service {@link
 * dev.latchkey.agent.backend.aws.AwsSdk}.
 *
 * <p>The SDK finds credentials, signs requests and tells errors apart. It does not send: {@link dev.latchkey.agent.backend.aws.sdk.BoundedHttp} does, over
 * the agent's own HTTP, so that every bound that holds for other backends holds here. It does not retry: whoever calls does.
 *
 * <p>SECURITY: it does not read answers either. What was asked for is taken out of its sight as bytes, because it would make of each value a String that
 * nobody can wipe. Its texts for errors quote AWS, so none of them leaves {@link dev.latchkey.agent.backend.aws.sdk.Refusals}. Each question runs on a
 * thread of its own, which is given up when its time is over.
 */
@NullMarked
package dev.latchkey.agent.backend.aws.sdk;

import org.jspecify.annotations.NullMarked;

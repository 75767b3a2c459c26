/**
 * AWS as the agent sees it: what it asks, what the answers mean, and which region is asked.
 *
 * <p>How a question is signed and sent is {@link dev.latchkey.agent.backend.aws.AwsSdk}'s, whose implementation ({@code backend.aws.sdk}) uses the AWS SDK.
 * That package and the SDK lie in {@code lib/adapters/aws} behind a class loader of their own, which is made when AWS is asked for the first time (ADR
 * 35); nothing here touches a class of the SDK.
 *
 * <p>{@link dev.latchkey.agent.backend.aws.AwsRegions} asks the regions of a configuration in their order. INVARIANT: only the answer of a region counts
 * before which none was silent, except for a secret that was found: that something is not in a replica does not tell that it is nowhere.
 *
 * <p>SECURITY: answers stay bytes, which are wiped; nothing that AWS says stands in a message. Any thread.
 */
@NullMarked
package dev.latchkey.agent.backend.aws;

import org.jspecify.annotations.NullMarked;

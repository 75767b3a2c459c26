/**
 * References to secrets in AWS: {@code aws:prod/db#password@AWSPREVIOUS} is a field of a version in Secrets Manager, {@code ssm:/prod/db/password@3} a
 * parameter of Parameter Store, decrypted.
 *
 * <p>The location is the name, or the ARN as it is written. SECURITY: a name has one spelling; what would lead AWS to the same secret in another way, as a
 * version within a parameter's name, is no name here. An ARN is another name for what may have one of those too, so rules that deny something deny it in
 * both forms.
 *
 * <p>Regions are replicas of each other: an ARN is asked for in its own region first, and in another under the same name there. Nothing is kept here; any
 * thread.
 */
@NullMarked
package dev.latchkey.agent.provider.aws;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.latchkey.agent.backend.aws.sdk;

import org.jspecify.annotations.NullMarked;

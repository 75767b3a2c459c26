@NullMarked
package dev.latchkey.agent.provider.aws;

import org.jspecify.annotations.NullMarked;

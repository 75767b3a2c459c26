@NullMarked
package dev.latchkey.agent.backend.aws;

import org.jspecify.annotations.NullMarked;

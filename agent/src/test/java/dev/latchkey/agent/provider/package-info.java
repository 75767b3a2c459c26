@NullMarked
package dev.latchkey.agent.provider;

import org.jspecify.annotations.NullMarked;

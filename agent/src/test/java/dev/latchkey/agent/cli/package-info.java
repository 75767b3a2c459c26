@NullMarked
package dev.latchkey.agent.cli;

import org.jspecify.annotations.NullMarked;

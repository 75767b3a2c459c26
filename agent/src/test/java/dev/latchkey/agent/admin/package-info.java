@NullMarked
package dev.latchkey.agent.admin;

import org.jspecify.annotations.NullMarked;

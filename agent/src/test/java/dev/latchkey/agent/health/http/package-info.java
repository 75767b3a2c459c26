@NullMarked
package dev.latchkey.agent.health.http;

import org.jspecify.annotations.NullMarked;

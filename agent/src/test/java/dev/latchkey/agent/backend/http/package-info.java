@NullMarked
package dev.latchkey.agent.backend.http;

import org.jspecify.annotations.NullMarked;

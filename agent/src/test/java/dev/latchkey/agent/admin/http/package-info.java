@NullMarked
package dev.latchkey.agent.admin.http;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.latchkey.agent.crypto.awskms;

import org.jspecify.annotations.NullMarked;

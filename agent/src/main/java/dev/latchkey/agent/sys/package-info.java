/**
 * The Java side of one small native library: the system calls that neither the JDK nor Netty offers, and
 * the cipher, which the JDK offers only inside the heap.
 *
 * <p>One method, one call, no policy. A failing call throws {@code ErrnoException} with the call's name and errno. The library comes
 * from {@code agent/native} and is loaded from the distribution's {@code lib} folder; JNI because the first call through the
 * foreign-function interface costs some 60 ms of start-up and one through JNI none.
 *
 * <p>Used by {@code memory}, {@code crypto}, {@code store}, {@code workload.linux}, {@code consumers} and {@code agent} only; any thread.
 */
@NullMarked
package dev.latchkey.agent.sys;

import org.jspecify.annotations.NullMarked;

/**
 * The command line of the agent.
 *
 * <p>{@link dev.latchkey.agent.cli.Cli} takes the arguments and gives an exit status: 0 done, 1 refused, failed or not serving, 2 wrong usage. Each
 * command is one annotated method; help, man page and completions come from the same annotations ({@link dev.latchkey.agent.cli.Documents}). Only
 * the command that was named is built, since every call is the start of a JVM.
 *
 * <p>Admin commands speak HTTP over the admin socket through a small client of our own: one request on one connection needs neither
 * a pool nor an event loop, and the JDK's client knows no Unix sockets. Its reads and writes all have deadlines.
 *
 * <p>SECURITY: a value comes from a file, from standard input or from a generator and never from an argument; it stays in exactly sized
 * arrays that are zeroed. What was typed wrongly is told by its position, since it might be a value. One thread.
 */
@NullMarked
package dev.latchkey.agent.cli;

import org.jspecify.annotations.NullMarked;

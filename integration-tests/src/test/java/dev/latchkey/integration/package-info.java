/**
 * Black-box tests of the built programs.
 *
 * <p>Nothing here sees a class of the agent: the tests start {@code target/latchkey/bin/agent} and
 * {@code bin/launcher}, as users do, and judge what these print, return and leave behind. {@link
 * dev.latchkey.integration.TestAgent} runs one agent in a private folder; a test class shares one agent wherever its
 * tests do not disturb each other, because each start costs a JVM.
 *
 * <p>INVARIANT: every value that a test stores is a {@link dev.latchkey.integration.Canary}. When an agent is closed,
 * everything that any program printed and every file in its folder is searched for all of them, in all encodings, and
 * one hit fails the test. Only the output of launched commands and of {@code reveal} is excepted.
 */
@NullMarked
package dev.latchkey.integration;

import org.jspecify.annotations.NullMarked;

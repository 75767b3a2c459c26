/**
 * References to the entries of the {@code secrets:} map of a YAML file that the operator has already, as OpsiMate and Pylee have it: {@code conf:db_password} is
 * the entry of that name. Other keys of the file are somebody else's.
 *
 * <p>The file speaks with the operator's authority, as agent.yaml does, and its <code>${…}</code> mean the same: variables and files are the agent's,
 * <code>${secret:NAME}</code> is a secret of the store, and <code>${NAME}</code> another entry of the map, whatever the order, or else a variable. What a
 * reference became is never looked at again; entries that lead back to themselves are refused.
 *
 * <p>SECURITY: policy is decided on the entry's name alone, so an entry must not be a way around the scopes of a secret: one with scopes does not resolve here.
 * The parser makes text of the file, so what stands in it literally is a String while it is read; what comes out of the store or of a file is octets.
 *
 * <p>The file is read at each look-up. Nothing is kept; any thread.
 */
@NullMarked
package dev.latchkey.agent.provider.documents;

import org.jspecify.annotations.NullMarked;

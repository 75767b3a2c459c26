package dev.latchkey.agent.backend.aws;

/** The answer of a region that could answer. */
public sealed interface AwsAnswer {
    /** It has it; close the reply when done. */
    record Found(AwsReply reply) implements AwsAnswer {}

    /**
     * It has not.
     *
     * @param deleted it is there and marked for deletion
     */
    record Missing(boolean deleted) implements AwsAnswer {}
}

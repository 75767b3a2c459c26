package dev.latchkey.agent.backend.aws.sdk;

import dev.latchkey.agent.backend.aws.AwsAnswer;
import dev.latchkey.agent.backend.aws.AwsQuestion;
import dev.latchkey.agent.backend.aws.AwsRegion;
import dev.latchkey.agent.backend.aws.AwsReply;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.failure.UnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A region, each question on a thread of its own: the sources of credentials wait as they like (a program that a profile names, a metadata service), and
 * whoever asked does not.
 *
 * @param service sends a question and reads nothing of its answer
 */
record SdkRegion(String name, Consumer<AwsQuestion> service) implements AwsRegion {
    @Override
    public AwsAnswer ask(AwsQuestion question, Duration within) {
        Call call = new Call(System.nanoTime() + within.toNanos());
        FutureTask<AwsAnswer> answer =
                new FutureTask<>(() -> ScopedValue.where(Call.CURRENT, call).call(() -> answered(question, call)));
        Thread thread = Thread.ofPlatform().daemon().name("aws").unstarted(answer);
        // The SDK looks for some of its parts there.
        thread.setContextClassLoader(SdkRegion.class.getClassLoader());
        thread.start();
        try {
            return answer.get(within.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw unchecked(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw away(FailureKind.TIMED_OUT, "did not answer in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away(FailureKind.PROVIDER_UNAVAILABLE, "was not waited for");
        } finally {
            answer.cancel(true);
        }
    }

    private AwsAnswer answered(AwsQuestion question, Call call) {
        try {
            service.accept(question);
        } catch (RuntimeException e) {
            return Refusals.of(name, question, e);
        }
        return new AwsAnswer.Found(new AwsReply(name, call.taken()));
    }

    private UnavailableException away(FailureKind kind, String what) {
        return new UnavailableException(Failure.of(kind, name + " " + what), Optional.empty(), null);
    }

    private static RuntimeException unchecked(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }
}

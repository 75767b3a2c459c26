package dev.latchkey.agent.admin.http;

import dev.latchkey.agent.admin.Operator;
import dev.latchkey.agent.admin.Recipient;
import dev.latchkey.agent.admin.view.RecordJson;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.Namespace;
import dev.latchkey.agent.telemetry.Event;
import dev.latchkey.agent.telemetry.Key;
import dev.latchkey.agent.telemetry.Log;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Carries requests out, and answers them whatever happens. */
final class Requests {
    /** A description of 1024 characters, each three bytes, each percent-encoded, and the rest. */
    private static final int MAX_LINE = 16 * 1024;

    private static final int MAX_HEADERS = 8 * 1024;

    private static final Failure INTERNAL = Failure.of(
            FailureKind.INTERNAL, "the agent failed in a way it should not", "its log has the fault; please report it");

    private final List<Route> routes;
    private final AdminSettings settings;
    private final Executor workers;
    private final Log log;

    Requests(List<Route> routes, AdminSettings settings, Executor workers, Log log) {
        this.routes = List.copyOf(routes);
        this.settings = settings;
        this.workers = workers;
        this.log = log;
    }

    AdminSettings settings() {
        return settings;
    }

    List<Route> routes() {
        return routes;
    }

    Namespace defaults() {
        return settings.defaults().get();
    }

    /** Begins to read what an admitted operator asks. */
    void install(ChannelPipeline pipeline, Operator operator) {
        HttpDecoderConfig decoding =
                new HttpDecoderConfig().setMaxInitialLineLength(MAX_LINE).setMaxHeaderSize(MAX_HEADERS);
        pipeline.addLast(
                new WriteTimeoutHandler(settings.patience().toMillis(), TimeUnit.MILLISECONDS),
                new HttpServerCodec(decoding),
                new RequestHandler(this, operator));
        pipeline.channel().config().setAutoRead(true);
    }

    /** Carries the request out in a thread of its own. What it holds is wiped in the end. */
    void dispatch(Channel channel, Route route, Call call) {
        workers.execute(() -> {
            try {
                answer(channel, carryOut(route, call));
            } catch (AgentException e) {
                refuse(channel, call.operator(), e);
            } catch (RuntimeException | Error e) {
                fault(e);
                Responses.refuse(channel, INTERNAL);
            }
        });
    }

    /** SECURITY: a value is wiped before the answer says that it was taken. */
    private static Reply carryOut(Route route, Call call) {
        try (call) {
            return route.handler().handle(call);
        }
    }

    private void refuse(Channel channel, Operator operator, AgentException e) {
        Event event = e.kind() == FailureKind.FORBIDDEN ? Event.ADMIN_REFUSED : Event.ADMIN_FAILED;
        log.info(
                event,
                Key.UID.of(operator.uid()),
                Key.CODE.of(e.kind().text()),
                Key.MESSAGE.of(e.failure().message()));
        Responses.refuse(channel, e.failure());
    }

    private void fault(Throwable fault) {
        log.error(Event.INTERNAL_FAULT, Key.FAULT.of(fault.getClass().getName()), Key.MESSAGE.of(where(fault)));
    }

    /** SECURITY: the place and not the message, which may quote anything. */
    private static String where(Throwable fault) {
        StackTraceElement[] trace = fault.getStackTrace();
        return trace.length == 0 ? "unknown" : trace[0].toString();
    }

    private void answer(Channel channel, Reply reply) {
        switch (reply) {
            case Reply.Done _ -> Responses.done(channel);
            case Reply.Value(var revealed) -> Responses.value(channel, revealed);
            case Reply.Json(Object value) -> stream(channel, Responses.JSON, to -> RecordJson.write(value, to));
            case Reply.JsonArray(var elements) ->
                stream(
                        channel,
                        Responses.JSON,
                        to -> RecordJson.writeArray(to, each -> elements.accept(recipient(each, to))));
            case Reply.Octets(var writer) -> stream(channel, Responses.OCTETS, writer::accept);
        }
    }

    private static Recipient<Record> recipient(Consumer<Record> each, ResponseStream to) {
        return new Recipient<>() {
            @Override
            public void accept(Record element) {
                each.accept(element);
            }

            @Override
            public void requireThere() {
                to.requireOpen();
            }
        };
    }

    private void stream(Channel channel, String type, Consumer<ResponseStream> writer) {
        ResponseStream response = new ResponseStream(channel, type);
        try {
            writer.accept(response);
        } catch (AgentException e) {
            log.info(
                    Event.ADMIN_FAILED,
                    Key.CODE.of(e.kind().text()),
                    Key.MESSAGE.of(e.failure().message()));
            response.abort(e.failure());
            return;
        } catch (RuntimeException | Error e) {
            fault(e);
            response.abort(INTERNAL);
            return;
        }
        response.finish();
    }
}

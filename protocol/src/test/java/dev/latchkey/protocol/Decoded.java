package dev.latchkey.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads one frame as a peer that gets nothing more, and shows it as the vectors do. */
final class Decoded {
    private final List<String> lines = new ArrayList<>();

    private Decoded() {}

    /** Decodes a frame that must be all there is. */
    static List<String> lines(ByteBuffer in, Side decoder, List<String> requested) throws MalformedException {
        Header header = Header.decode(in, decoder);
        if (in.remaining() < header.length()) {
            throw new MalformedException(FailureClass.TRUNCATED, "the frame ends inside its body");
        }
        ByteBuffer body = in.slice(in.position(), header.length());
        Message message = message(header, body, requested);
        if (in.remaining() > header.length()) {
            throw new MalformedException(FailureClass.TRAILING, "bytes after the frame");
        }
        Decoded decoded = new Decoded();
        decoded.add("version", header.version());
        decoded.show(message);
        return decoded.lines;
    }

    static Message message(Header header, ByteBuffer body, List<String> requested) throws MalformedException {
        return switch (header.type()) {
            case REQUEST -> Request.decode(body);
            case DELIVERY -> Delivery.decode(body, requested);
            case REFUSAL -> Refusal.decode(body);
            case PLAN -> Plan.decode(body, requested.size());
            case ASK -> Ask.decode(body);
            case SUPPLY -> Supply.decode(body);
            case PARCEL -> Parcel.decode(body);
            case CHECK -> new Check();
            case STATUS -> Status.decode(body);
        };
    }

    private void show(Message message) {
        switch (message) {
            case Request request -> show(request);
            case Delivery delivery -> show(delivery);
            case Refusal refusal -> show(refusal);
            case Plan plan -> show(plan);
            case Status status -> show(status);
            case Ask ask -> show(ask);
            case Supply supply -> show(supply);
            case Parcel parcel -> show(parcel);
            case Check _ -> {}
        }
    }

    private void show(Request request) {
        add("deadline", request.deadline().toMillis());
        if (request.dryRun()) {
            lines.add("dry-run");
        }
        request.project().ifPresent(text -> add("project", escape(text)));
        request.environment().ifPresent(text -> add("environment", escape(text)));
        request.token().ifPresent(token -> add("token", escape(token.bytes())));
        request.command().ifPresent(text -> add("command", escape(text)));
        request.proof().ifPresent(this::show);
        request.bindings()
                .forEach(binding -> add(
                        "binding",
                        "1 " + (binding.dangerousNameAllowed() ? 1 : 0) + " " + escape(binding.target()) + " "
                                + escape(binding.reference())));
    }

    private void show(Delivery delivery) {
        delivery.prefix().grant().ifPresent(grant -> add("grant", Long.toUnsignedString(grant)));
        delivery.prefix().removed().forEach(index -> add("removed", index));
        for (ByteBuffer entry : delivery.entries()) {
            byte[] bytes = new byte[entry.remaining()];
            entry.get(bytes);
            add("entry", escape(bytes));
        }
    }

    private void show(Refusal refusal) {
        refusal.failures()
                .forEach(failure -> add(
                        "failure",
                        failure.code() + " " + failure.binding().orElse(0xFFFF) + " " + escape(failure.message())));
        refusal.hints().forEach(hint -> add("hint", escape(hint)));
        refusal.retryAfter().ifPresent(after -> add("retry-after", after.toMillis()));
    }

    private void show(Plan plan) {
        plan.entries().forEach(entry -> add("entry", show(entry)));
        plan.hints().forEach(hint -> add("hint", escape(hint)));
    }

    private static String show(Plan.Entry entry) {
        StringBuilder line = new StringBuilder("code=" + entry.code());
        entry.message().ifPresent(text -> line.append(" message=").append(escape(text)));
        line.append(" decision=").append(entry.allowed() ? 1 : 2);
        entry.rule().ifPresent(text -> line.append(" rule=").append(escape(text)));
        entry.provider().ifPresent(text -> line.append(" provider=").append(escape(text)));
        entry.version().ifPresent(text -> line.append(" version=").append(escape(text)));
        entry.size().ifPresent(size -> line.append(" size=").append(size));
        entry.age().ifPresent(age -> line.append(" age=").append(Long.toUnsignedString(age)));
        line.append(entry.removed() ? " removed" : "");
        entry.origin().ifPresent(origin -> {
            line.append(" target=")
                    .append(escape(origin.target()))
                    .append(" kind=")
                    .append(origin.file() ? 2 : 1);
            origin.reference().ifPresent(text -> line.append(" reference=").append(escape(text)));
            line.append(origin.replaces() ? " replaces" : "");
        });
        return line.toString();
    }

    private void show(Ask ask) {
        ask.variables().forEach(wanted -> add("variable", wanted.document() + " " + escape(wanted.name())));
        ask.files().forEach(wanted -> add("file", wanted.document() + " " + escape(wanted.name())));
    }

    private void show(Proof proof) {
        add("proof", proof.executable() + " " + proof.arguments() + " " + escape(proof.path()));
    }

    private void show(Supply supply) {
        Supply.Terms terms = supply.terms();
        add("deadline", terms.deadline().toMillis());
        if (terms.options().bits() != 0) {
            add("options", terms.options().bits());
        }
        terms.project().ifPresent(text -> add("project", escape(text)));
        terms.environment().ifPresent(text -> add("environment", escape(text)));
        terms.token().ifPresent(token -> add("token", escape(token.bytes())));
        terms.command().ifPresent(text -> add("command", escape(text)));
        terms.backend().ifPresent(text -> add("backend", escape(text)));
        terms.maxAge().ifPresent(age -> add("max-age", age.toMillis()));
        terms.proof().ifPresent(this::show);
        supply.sources()
                .bindings()
                .forEach(b -> add(
                        "binding",
                        (b.file() ? 2 : 1) + " " + (b.dangerousNameAllowed() ? 1 : 0) + " " + escape(b.target()) + " "
                                + escape(b.reference())));
        supply.sources()
                .documents()
                .forEach(d -> add(
                        "document",
                        (d.template() ? "2 " + escape(d.target()) : "1") + " " + escape(d.label()) + " "
                                + escape(d.content())));
        supply.sources().spreads().forEach(text -> add("all-from", escape(text)));
        supply.surroundings().taken().forEach(text -> add("taken", escape(text)));
        supply.surroundings().inherited().forEach(text -> add("inherited", escape(text)));
        supply.given()
                .variables()
                .forEach(v -> add(
                        "variable",
                        v.document() + " " + escape(v.name())
                                + v.value().map(value -> "=" + escape(value)).orElse("")));
        supply.given()
                .files()
                .forEach(f -> add(
                        "file",
                        f.document() + " " + escape(f.path())
                                + f.content()
                                        .map(c -> " content " + escape(c))
                                        .orElseGet(() -> " failed " + escape(f.reason()))));
    }

    private void show(Parcel parcel) {
        parcel.prefix().grant().ifPresent(grant -> add("grant", Long.toUnsignedString(grant)));
        parcel.prefix().removed().forEach(name -> add("removed", escape(name)));
        for (Parcel.Item item : parcel.items()) {
            byte[] bytes = new byte[item.text().remaining()];
            item.text().duplicate().get(bytes);
            add("item", (item.file() ? 2 : 1) + " " + escape(bytes));
        }
    }

    private void show(Status status) {
        add("state", status.state().number());
        status.reasons().forEach(reason -> add("reason", escape(reason)));
    }

    private void add(String key, Object value) {
        lines.add(key + " " + value);
    }

    private static String escape(String text) {
        return escape(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String escape(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        int run = bytes.length;
        while (run > 0 && bytes[run - 1] == bytes[bytes.length - 1]) {
            run--;
        }
        boolean folded = bytes.length - run > 8;
        for (int i = 0; i < (folded ? run + 1 : bytes.length); i++) {
            text.append(escape(bytes[i]));
        }
        return folded ? text + "*" + (bytes.length - run) : text.toString();
    }

    private static String escape(byte b) {
        boolean plain = b > 0x20 && b < 0x7F && b != '%' && b != '*';
        return plain ? Character.toString((char) b) : String.format(Locale.ROOT, "%%%02X", b);
    }
}

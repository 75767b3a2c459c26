package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.AuditRecordView;
import dev.latchkey.agent.admin.view.ExplanationView;
import dev.latchkey.agent.admin.view.HeadView;
import dev.latchkey.agent.admin.view.ReadyView;
import dev.latchkey.agent.admin.view.RefreshedView;
import dev.latchkey.agent.admin.view.StatusView;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.Failure;
import dev.latchkey.agent.health.Readiness;
import dev.latchkey.agent.reference.ReferenceParser;
import dev.latchkey.agent.secret.Namespace;
import java.util.List;

/** The commands that look at the agent itself: its state, its decisions, its log. */
public final class OversightCommands {
    private final Accountability accountability;
    private final Readiness readiness;
    private final StatusSource status;
    private final PolicyExplainer explainer;
    private final AuditRecords records;
    private final Refresher refresher;
    private final Readings readings = new Readings();

    public OversightCommands(
            Accountability accountability,
            Readiness readiness,
            StatusSource status,
            PolicyExplainer explainer,
            AuditRecords records,
            Refresher refresher) {
        this.accountability = accountability;
        this.readiness = readiness;
        this.status = status;
        this.explainer = explainer;
        this.records = records;
        this.refresher = refresher;
    }

    /** Not recorded, so that it can be told that nothing can be recorded. */
    public ReadyView ready() {
        return new ReadyView(readiness.state() == Readiness.State.READY, readiness.reasons());
    }

    /** Not recorded, as {@link #ready}. */
    public StatusView status() {
        return status.status();
    }

    public List<ExplanationView> explain(Operator operator, PolicyExplainer.Question question) {
        return accountability.perform(
                operator,
                Action.EXPLAIN,
                "uid " + question.caller().credentials().uid(),
                () -> explainer.explain(question));
    }

    /** Recorded by the reference up to its options. */
    public RefreshedView refresh(Operator operator, String reference, Namespace defaults) {
        return accountability.perform(
                operator,
                Action.REFRESH,
                ReferenceParser.shown(reference),
                () -> refreshed(reference, defaults),
                done -> List.of(done.location() + "@" + done.version()));
    }

    /** What a backend says of a secret does not name it. */
    private RefreshedView refreshed(String reference, Namespace defaults) {
        try {
            return refresher.refresh(reference, defaults);
        } catch (AgentException e) {
            Failure failure = e.failure();
            throw new AgentException(
                    new Failure(
                            failure.kind(),
                            ReferenceParser.shown(reference) + ": " + failure.message(),
                            failure.hint()),
                    e);
        }
    }

    public HeadView auditHead(Operator operator) {
        return accountability.perform(operator, Action.AUDIT_HEAD, "", records::head);
    }

    /** Hands over the last records, oldest first. Refused as busy while others read, as {@link #auditQuery}. */
    public void auditTail(Operator operator, int count, Recipient<? super AuditRecordView> to) {
        accountability.perform(operator, Action.AUDIT_TAIL, "", () -> {
            readings.read(operator.uid(), () -> records.tail(count, to));
            return true;
        });
    }

    /** Hands over the records that the filter selects, oldest first. */
    public void auditQuery(Operator operator, AuditRecords.Filter filter, Recipient<? super AuditRecordView> to) {
        accountability.perform(operator, Action.AUDIT_QUERY, filter.secret().orElse(""), () -> {
            readings.read(operator.uid(), () -> records.query(filter, to));
            return true;
        });
    }
}

package dev.latchkey.agent.admin;

import dev.latchkey.agent.admin.view.KeyStatusView;
import dev.latchkey.agent.admin.view.VerificationView;
import dev.latchkey.agent.failure.AgentException;
import dev.latchkey.agent.failure.FailureKind;
import dev.latchkey.agent.secret.StoreCustody;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The commands that look after the store as a whole. */
public final class CustodyCommands {
    private final Accountability accountability;
    private final StoreCustody custody;

    public CustodyCommands(Accountability accountability, StoreCustody custody) {
        this.accountability = accountability;
        this.custody = custody;
    }

    public KeyStatusView keys(Operator operator) {
        return accountability.perform(operator, Action.KEY_STATUS, "", () -> KeyStatusView.of(custody.keys()));
    }

    public KeyStatusView rotateKeys(Operator operator) {
        return accountability.perform(operator, Action.KEY_ROTATE, "", () -> KeyStatusView.of(custody.rotateKeys()));
    }

    /**
     * @param to an absolute path on the agent's machine
     */
    public void exportKey(Operator operator, String to) {
        accountability.perform(operator, Action.KEY_EXPORT, to, () -> {
            custody.exportKey(absolute(to));
            return true;
        });
    }

    /** Does not close the stream. */
    public void backup(Operator operator, OutputStream to) {
        accountability.perform(operator, Action.BACKUP, "", () -> {
            custody.backup(to, _ -> {});
            return true;
        });
    }

    /** Does not close the stream. */
    public void restore(Operator operator, InputStream from) {
        accountability.perform(operator, Action.RESTORE, "", () -> {
            custody.restore(from, _ -> {});
            return true;
        });
    }

    public VerificationView verify(Operator operator) {
        return accountability.perform(operator, Action.STORE_VERIFY, "", () -> {
            StoreCustody.Verification verification = custody.verify(_ -> {});
            return new VerificationView(verification.versions(), verification.problems());
        });
    }

    private static Path absolute(String text) {
        try {
            Path path = Path.of(text);
            if (path.isAbsolute()) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw notAPath();
        }
        throw notAPath();
    }

    private static AgentException notAPath() {
        return new AgentException(
                FailureKind.BAD_ARGUMENT, "not an absolute path for the key's copy", "name the file from the root on");
    }
}

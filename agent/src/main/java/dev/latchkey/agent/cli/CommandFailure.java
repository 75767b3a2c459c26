package dev.latchkey.agent.cli;

import dev.latchkey.agent.admin.view.ErrorView;
import dev.latchkey.agent.failure.AgentException;
import java.util.Optional;

/** A command that ends with an error to be told and an exit status. */
final class CommandFailure extends RuntimeException {
    static final int FAILED = 1;
    static final int USAGE = 2;

    private final int exitStatus;
    private final transient ErrorView error;

    private CommandFailure(int exitStatus, ErrorView.Body body) {
        super(body.message(), null, false, false);
        this.exitStatus = exitStatus;
        this.error = new ErrorView(body);
    }

    static CommandFailure usage(String message, String hint) {
        return new CommandFailure(USAGE, new ErrorView.Body("usage", message, Optional.of(hint)));
    }

    static CommandFailure failed(String code, String message, String hint) {
        return new CommandFailure(FAILED, new ErrorView.Body(code, message, Optional.of(hint)));
    }

    static CommandFailure failed(String code, String message) {
        return new CommandFailure(FAILED, new ErrorView.Body(code, message, Optional.empty()));
    }

    /** What the agent answered. */
    static CommandFailure of(ErrorView error) {
        return new CommandFailure(FAILED, error.error());
    }

    static CommandFailure of(AgentException e) {
        return new CommandFailure(FAILED, ErrorView.of(e.failure()).error());
    }

    int exitStatus() {
        return exitStatus;
    }

    ErrorView error() {
        return error;
    }
}

package dev.latchkey.agent.server;

import dev.latchkey.protocol.Ask;
import dev.latchkey.protocol.Delivery;
import dev.latchkey.protocol.Header;
import dev.latchkey.protocol.MalformedException;
import dev.latchkey.protocol.Message;
import dev.latchkey.protocol.Parcel;
import dev.latchkey.protocol.Plan;
import dev.latchkey.protocol.Refusal;
import dev.latchkey.protocol.Request;
import dev.latchkey.protocol.Side;
import dev.latchkey.protocol.Status;
import dev.latchkey.protocol.Version;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** The other end of a workload socket. Every read has a deadline. */
final class Client implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    private final SocketChannel channel;

    Client(Path socket) throws IOException {
        this.channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    static Request request(Duration deadline, String... targets) {
        List<Request.Binding> bindings = java.util.Arrays.stream(targets)
                .map(target -> new Request.Binding(target, "my-secret", false))
                .toList();
        return new Request(
                deadline,
                false,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                bindings);
    }

    void send(Request request) throws IOException {
        send(request.encode(Version.CURRENT));
    }

    void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    void send(int... bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
        for (int b : bytes) {
            buffer.put((byte) b);
        }
        send(buffer.flip());
    }

    void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    Message receive(String... targets) throws Exception {
        Header header = header();
        ByteBuffer body = read(header.length());
        return switch (header.type()) {
            case DELIVERY -> Delivery.decode(body, List.of(targets));
            case REFUSAL -> Refusal.decode(body);
            case PLAN -> Plan.decode(body, targets.length);
            case STATUS -> Status.decode(body);
            case ASK -> Ask.decode(body);
            case PARCEL -> Parcel.decode(body);
            case REQUEST, CHECK, SUPPLY -> throw new IllegalStateException("not for a client: " + header);
        };
    }

    Header header() throws Exception {
        return decode(read(Header.BYTES));
    }

    private static Header decode(ByteBuffer head) throws MalformedException {
        return Header.decode(head, Side.CLIENT);
    }

    Refusal.Failure refusal() throws Exception {
        return ((Refusal) receive()).failures().getFirst();
    }

    /** Exactly so many bytes. */
    ByteBuffer read(int bytes) throws Exception {
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
        within(() -> {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new IOException("the connection ended after " + buffer.position() + " bytes");
                }
            }
            return buffer;
        });
        return buffer.flip();
    }

    /** Whether the agent has closed the connection and sends no more. */
    boolean isEnded() throws Exception {
        return within(() -> {
            try {
                return channel.read(ByteBuffer.allocate(1)) < 0;
            } catch (IOException e) {
                return true;
            }
        });
    }

    private static <T> T within(Callable<T> read) throws Exception {
        FutureTask<T> task = new FutureTask<>(read);
        Thread.ofVirtual().start(task);
        return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

package dev.latchkey.agent.backend.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** One request with its answer on a connection of its own, which another thread may close at any time. */
final class Exchange implements AutoCloseable {
    private final Endpoint endpoint;
    private final Tls tls;
    private @Nullable AutoCloseable connection;
    private boolean closed;

    Exchange(Endpoint endpoint, Tls tls) {
        this.endpoint = endpoint;
        this.tls = tls;
    }

    HttpResponse run(HttpRequest request) throws IOException {
        try (this) {
            return switch (endpoint) {
                case Endpoint.Tcp tcp -> overTcp(tcp, request);
                case Endpoint.Unix(String socket) -> overUnix(socket, request);
            };
        }
    }

    private HttpResponse overTcp(Endpoint.Tcp to, HttpRequest request) throws IOException {
        InetSocketAddress address = new InetSocketAddress(to.host(), to.port());
        if (address.isUnresolved()) {
            throw new UnknownHostException(to.host());
        }
        Socket socket = hold(new Socket());
        socket.connect(address);
        socket.setTcpNoDelay(true);
        if (!to.tls()) {
            return converse(socket.getOutputStream(), socket.getInputStream(), to.host() + ":" + to.port(), request);
        }
        SSLSocket secured = hold(tls.over(socket, to.host(), to.port()));
        secured.startHandshake();
        return converse(secured.getOutputStream(), secured.getInputStream(), to.host() + ":" + to.port(), request);
    }

    private HttpResponse overUnix(String path, HttpRequest request) throws IOException {
        SocketChannel channel = hold(SocketChannel.open(StandardProtocolFamily.UNIX));
        channel.connect(UnixDomainSocketAddress.of(path));
        return converse(Channels.newOutputStream(channel), Channels.newInputStream(channel), "localhost", request);
    }

    private HttpResponse converse(OutputStream out, InputStream in, String host, HttpRequest request)
            throws IOException {
        byte[] head = request.head(endpoint.prefix(), host);
        try {
            out.write(head);
        } finally {
            Arrays.fill(head, (byte) 0);
        }
        byte[] body = request.body();
        if (body != null) {
            out.write(body);
        }
        out.flush();
        return new ResponseReader(in).read();
    }

    private synchronized <T extends AutoCloseable> T hold(T opened) throws IOException {
        if (closed) {
            close(opened);
            throw new IOException("given up");
        }
        connection = opened;
        return opened;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (connection != null) {
            close(connection);
        }
    }

    private static void close(AutoCloseable connection) {
        try {
            connection.close();
        } catch (Exception e) {
            // Nothing is owed to the other side any more.
        }
    }
}

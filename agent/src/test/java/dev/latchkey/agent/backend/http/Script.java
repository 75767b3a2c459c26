package dev.latchkey.agent.backend.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that does to each connection what a test says, and keeps the requests that it got. */
public final class Script implements AutoCloseable {
    private final ServerSocket server;
    private final Act act;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    /** What it does once a request is there. */
    public interface Act {
        void on(Socket socket, OutputStream out) throws IOException, InterruptedException;
    }

    private Script(ServerSocket server, Act act) {
        this.server = server;
        this.act = act;
        Thread.ofVirtual().start(this::accept);
    }

    public static Script doing(Act act) throws IOException {
        return new Script(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), act);
    }

    /** The same behind a socket of TLS. */
    public static Script behind(ServerSocket server, Act act) {
        return new Script(server, act);
    }

    /** Sends that text and ends. */
    public static Script saying(String answer) throws IOException {
        return doing((_, out) -> out.write(answer.getBytes(StandardCharsets.ISO_8859_1)));
    }

    /** A whole answer around a body. */
    public static String answer(String status, String headers, String body) {
        return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    public int port() {
        return server.getLocalPort();
    }

    public String address() {
        return "http://127.0.0.1:" + port();
    }

    public List<String> requests() {
        return List.copyOf(requests);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofPlatform().daemon().start(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            requests.add(head(socket.getInputStream()));
            OutputStream out = socket.getOutputStream();
            act.on(socket, out);
            out.flush();
        } catch (IOException | InterruptedException gone) {
            // The client gave up, which is what such tests wait for.
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("no request");
            }
            head.append((char) b);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}

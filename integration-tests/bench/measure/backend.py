"""A key/value engine of version 2 that answers after a while and counts."""

import http.server
import json
import threading
import time

DATA = "/v1/secret/data/"


class Backend:
    """Any path has a secret. On a port of its own, until it is closed."""

    def __init__(self, pause):
        self.asked = {}
        self.lock = threading.Lock()
        backend = self

        class Answers(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = {"data": {"ttl": 0}}
                if self.path.startswith(DATA):
                    backend.count(self.path.removeprefix(DATA))
                    time.sleep(pause)
                    body = {"data": {"data": {"value": "x" * 32}, "metadata": {"version": 1}}}
                octets = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(octets)))
                self.end_headers()
                self.wfile.write(octets)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def count(self, path):
        with self.lock:
            self.asked[path] = self.asked.get(path, 0) + 1

    def providers(self):
        """Of an agent.yaml."""
        port = self.server.server_address[1]
        vault = f'{{type: vault, address: "http://127.0.0.1:{port}", auth: {{method: token, token: t}}}}'
        return f"providers: {{store: {{type: store}}, vault: {vault}}}\ncache: {{ttl: 1h}}\n"

"""A real HTTP receiver of webhooks that checks every signature with the reference library of Standard Webhooks."""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


class WebhookReceiver:
    """Counts deliveries per `webhook-id` and keeps the assessments it was told; a bad signature is kept in `refused`."""

    def __init__(self, secret: str) -> None:
        self.received: Counter[str] = Counter()
        self.events: dict[str, Any] = {}
        self.refused: list[str] = []
        verifier = Webhook(secret)
        receiver = self
        lock = threading.Lock()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["content-length"])
                body = self.rfile.read(length)
                if len(body) < length:  # the sender was killed in the middle
                    self.close_connection = True
                    return
                try:
                    verifier.verify(body, {name.lower(): value for name, value in self.headers.items()})
                except Exception as error:
                    receiver.refused.append(repr(error))
                    self.send_response(400)
                else:
                    with lock:
                        receiver.received[self.headers["webhook-id"]] += 1
                        receiver.events[self.headers["webhook-id"]] = json.loads(body)
                    self.send_response(204)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_: object) -> None:
                """Connections of a killed sender break; what counts is what was received."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/orestream"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

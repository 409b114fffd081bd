"""The demo's webhook receiver: what a customer's system would do with a delivery, signature check first."""

import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from services.notification.domain.signing import signature_header, signing_key


class Receiver:
    """Keeps the verified events by `webhook-id`; a delivery that does not verify is answered 401 and only counted."""

    def __init__(self, secret: str) -> None:
        self.events: dict[str, dict[str, Any]] = {}
        self.refused = 0
        receiver, key = self, signing_key(secret)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                identifier = self.headers.get("webhook-id", "")
                if _genuine(key, identifier, self.headers.get("webhook-timestamp", ""), body, self.headers.get("webhook-signature", "")):
                    receiver.events[identifier] = json.loads(body)
                    self.send_response(204)
                else:
                    receiver.refused += 1
                    self.send_response(401)
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                """The demo prints what it was told, not every request."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/orestream"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _genuine(key: bytes, identifier: str, timestamp: str, body: bytes, signatures: str) -> bool:
    """Standard Webhooks 1.0.0: one of the signatures is right, and the message is not older or newer than five minutes."""
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > 300:
        return False
    expected = signature_header([key], identifier, int(timestamp), body)
    return any(hmac.compare_digest(expected, signature) for signature in signatures.split(" "))

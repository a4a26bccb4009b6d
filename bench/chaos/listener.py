"""A server that Studio's webhooks are sent to, and what came."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Listener:
    """Takes every message with 200. `messages`: all that came, the same one as often as it came."""

    def __init__(self) -> None:
        self.messages: list[dict] = []
        messages = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which Studio may send there."""
        return {"OUTBOUND_NETWORKS": "127.0.0.0/8", "OUTBOUND_PORTS": str(self.port), "OUTBOUND_PLAIN_HTTP": "true"}

    def ids(self, of: str, what: str = "export") -> set[str]:
        """The ids of the messages about an export or a render."""
        return {one["id"] for one in self.messages if one.get(what, {}).get("id") == of}

    def close(self) -> None:
        """Listen no more."""
        self.server.shutdown()
        self.server.server_close()

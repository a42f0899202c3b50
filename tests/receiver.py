"""A receiver of notices: a real HTTP server that notes what comes and answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pomost.signing import HEADER, is_signed

SECRET = "tajne słowo odbiorcy"


@dataclass
class Got:
    """One call: whether it was signed rightly, and what was in it."""

    id: str
    signed: bool
    body: dict[str, Any]
    text: str
    headers: dict[str, str]

    @property
    def event(self) -> str:
        return str(self.body["event"])


@dataclass
class Receiver:
    """``answer`` gives the status for each call; it may also sleep, or end a process."""

    answer: Callable[[Got], int] = lambda got: 200
    got: list[Got] = field(default_factory=list)
    taken: list[Got] = field(default_factory=list)
    """Those that were answered with 2xx."""
    followed: list[str] = field(default_factory=list)
    """Where a redirect led somebody who followed it."""

    def __enter__(self) -> Receiver:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                body = json.loads(raw)
                signed = is_signed(SECRET, self.headers.get(HEADER, ""), raw, time.time())
                got = Got(body["id"], signed, body, raw.decode(), dict(self.headers))
                receiver.got.append(got)
                status = receiver.answer(got)
                if 200 <= status < 300:
                    receiver.taken.append(got)
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{receiver.url}/elsewhere")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def do_GET(self) -> None:
                receiver.followed.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    # whoever sent it was killed, or did not wait
                    self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/in"

    def hook(self, **more: Any) -> dict[str, Any]:
        """As it would stand in pomost.toml."""
        return {"name": "magazyn", "url": self.url, "secret": SECRET, "timeout_s": 0.5, **more}

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

"""What the sandboxes of carriers share: a real HTTP server on loopback, faults on request, and real labels."""

import json
import socket
import threading
import time
import unicodedata
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from pomost.sandbox import control, faults
from pomost.sandbox.depot import Depot
from pomost.sandbox.faults import Times

Json = dict[str, Any]

HTML = b"<html><head><title>503 Service Unavailable</title></head><body><h1>503</h1></body></html>"
FAULTS: dict[str, bool] = {
    "cut-before": False,
    "cut-after": True,
    "slow": True,
    "html-503": False,
    "html-503-but-done": True,
    "html-200": False,
    "html-200-but-done": True,
    "empty-body": True,
    "limit": False,
}
"""Faults of every connection. True: the call is done all the same."""
KEPT_CALLS = 100_000


@dataclass(frozen=True)
class Call:
    """One call; ``name`` is what the sandbox calls it, ``outcome`` the HTTP status, an error, or the fault that hit it."""

    name: str
    method: str
    path: str
    at: float
    outcome: str
    body: bytes = b""


@dataclass(frozen=True)
class Asked:
    """A request as it arrived. ``query`` keeps every value, as PHP-like lists repeat a name."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes

    def value(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.query if key == name), default)


@dataclass(frozen=True)
class Answer:
    """``outcome`` is what `Call.outcome` shows; "" takes the status."""

    status: int
    content: bytes = b""
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    chunked: bool = False
    outcome: str = ""


def json_answer(status: int, content: Any, outcome: str = "", **headers: str) -> Answer:
    body = json.dumps(content, ensure_ascii=False).encode()
    return Answer(status, body, headers={k.replace("_", "-"): v for k, v in headers.items()}, outcome=outcome)


@dataclass
class Rule(faults.Rule):
    """One fault that was asked for: the calls it hits (None: any) and how often."""

    on: str | None = None

    def where(self) -> Json:
        return {"on": self.on or ""}


class Faults(faults.Faults[Rule]):
    """The faults asked for and still due."""

    def add(self, fault: str, on: str | None, times: Times, args: Json) -> None:
        """Raises ``ValueError`` for a fault that is not known here, or a wrong number."""
        self._ask(Rule(fault, times, args=args, on=on))

    def due(self, name: str) -> Rule | None:
        """The first fault that hits this call; it is counted."""
        return next(iter(self._struck(lambda rule: rule.on in (None, name), one=True)), None)

    def withdraw(self, fault: str, on: str) -> None:
        """One fault of one kind of calls."""
        self._withdraw(lambda rule: (rule.fault, rule.on) == (fault, on))


class CarrierSandbox(Depot):
    """A carrier served on 127.0.0.1 by threads of this process, as a context manager.

    A subclass says what a call is called (``named``) and what it does (``answered``, one at a time).
    """

    own_faults: tuple[str, ...] = ()

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._http: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.RLock()
        self._faults = Faults((*FAULTS, *self.own_faults))
        self._calls: deque[Call] = deque(maxlen=KEPT_CALLS)
        self.url = ""

    # what a subclass says

    def named(self, asked: Asked) -> str:
        raise NotImplementedError

    def answered(self, asked: Asked, fault: Rule | None) -> Answer:
        """What the carrier does; ``fault`` is one of its own that strikes now."""
        raise NotImplementedError

    # life

    def start(self) -> Self:
        sandbox = self

        class Handler(_Handler):
            serve = staticmethod(sandbox._serve)

        self._http = _Server(("127.0.0.1", self._port), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, name="carrier", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._http is not None and self._thread is not None:
            self._http.shutdown()
            self._http.server_close()
            self._thread.join(10)
        self._http = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # what tests ask

    def calls(self, name: str | None = None) -> list[Call]:
        """The calls that arrived, oldest first."""
        with self._lock:
            return [call for call in self._calls if name in (None, call.name)]

    def misbehave(self, fault: str, on: str | None = None, times: Times = 1, **args: Any) -> None:
        """Ask for a fault at the next ``times`` calls that are called ``on`` ("always": at all of them). Arguments: seconds
        (slow, limit), message."""
        self._faults.add(fault, on, times, args)

    def behave(self) -> None:
        """Withdraw all faults."""
        self._faults.clear()

    # serving

    def _serve(self, asked: Asked) -> Answer | None:
        """None: the connection is to be cut."""
        if asked.method == "POST" and asked.path.startswith(control.PREFIX):
            name, kind = asked.path.removeprefix(control.PREFIX), asked.headers.get("content-type", "")
            return Answer(*control.obeyed(self.ask, name, kind, asked.body))
        name = self.named(asked)
        rule = self._faults.due(name)
        fault = rule.fault if rule else ""
        if rule and fault == "slow":
            time.sleep(float(rule.args.get("seconds", 1.0)))
        answer = None
        if FAULTS.get(fault, True):
            with self._lock:
                answer = self.answered(asked, rule if fault in self.own_faults else None)
        outcome = fault or (answer.outcome or str(answer.status) if answer else "")
        with self._lock:
            self._calls.append(Call(name, asked.method, asked.path, time.time(), outcome, asked.body))
        if fault in ("cut-before", "cut-after"):
            return None
        if fault in FAULTS and fault.startswith("html-"):
            return Answer(503 if "503" in fault else 200, HTML, "text/html")
        if fault == "empty-body":
            return Answer(200, b"", answer.media_type if answer else "application/json")
        if rule and fault == "limit":
            seconds = rule.args.get("seconds")
            headers = {} if seconds is None else {"Retry-After": str(seconds)}
            return Answer(429, b"", "text/plain", headers)
        return answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up early is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    serve: Callable[[Asked], Answer | None]

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def do_DELETE(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: Any) -> None:
        """Calls are kept, not printed."""

    def _handle(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        parts = urlsplit(self.path)
        asked = Asked(
            self.command,
            unquote(parts.path),
            tuple(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        answer = self.serve(asked)
        if answer is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response_only(answer.status)
        if "Date" not in answer.headers:
            self.send_header("Date", self.date_time_string())
        for header, value in answer.headers.items():
            self.send_header(header, value)
        if answer.status != 204:
            self.send_header("Content-Type", answer.media_type)
            if answer.chunked:
                self.send_header("Transfer-Encoding", "chunked")
            else:
                self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        if answer.chunked:
            if answer.content:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(answer.content), answer.content))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.wfile.write(answer.content)


def push(url: str, content: bytes, times: int = 1) -> list[int]:
    """Sends a push as a carrier does; gives the statuses that came back (0: nobody answered)."""
    statuses = []
    for _ in range(times):
        request = urllib.request.Request(url, content, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                statuses.append(int(answer.status))
        except urllib.error.HTTPError as refused:
            statuses.append(refused.code)
        except OSError:
            statuses.append(0)
    return statuses


# labels

PAPER = {"A4": (595, 842), "A6": (298, 420), "10x15": (283, 425)}


def folded(text: str) -> str:
    """Latin letters without accents, as label printers have them."""
    plain = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "L"))
    return plain.encode("ascii", "ignore").decode()


def pdf_label(lines: list[str], paper: str = "A6", pages: int = 1) -> bytes:
    """A real PDF with the lines as text, one page for each parcel."""
    width, height = PAPER[paper]
    escaped = [folded(line).replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines]
    text = " T* ".join(f"({line}) Tj" for line in escaped)
    stream = f"BT /F1 11 Tf 14 TL 20 {height - 40} Td {text} ET".encode()
    kids = " ".join(f"{5 + number} 0 R" for number in range(pages))
    page = (
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]/Contents 3 0 R"
        "/Resources<</Font<</F1 4 0 R>>>>>>"
    ).encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *[page] * pages,
    ]
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + trailer


def zpl_label(lines: list[str], code: str, pages: int = 1) -> bytes:
    """ZPL with the lines as text and the code as a bar code."""
    rows = "".join(f"^FO40,{40 + 50 * row}^A0N,36,36^FD{folded(line)}^FS\n" for row, line in enumerate(lines))
    return (f"^XA\n^CI28\n{rows}^FO40,500^BCN,160,Y,N,N^FD{code}^FS\n^XZ\n" * pages).encode()

"""The wire: POSNET frames with CRC over TCP or a serial port, and what can go wrong there.

What goes wrong is told apart by what is known afterwards: ``NotSent`` (the printer has not got the command),
``Lost`` (it may have carried it out), ``Refusal`` (it has not).
"""

from __future__ import annotations

import binascii
import importlib
import re
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pomost.ports import NeedsPerson

STX, TAB, ETX = b"\x02", b"\x09", b"\x03"
CODE_PAGE = "cp1250"
PORT = 6666

_LONGEST = 65_536
_ERROR = re.compile(r"(?:\?|er)(\d{1,5})")


class NotSent(Exception):
    """No connection: certainly nothing was done."""


class Lost(Exception):
    """No readable answer: the command may have been carried out."""


class Refusal(Exception):
    """The printer answered with an error ``number``: the command was not carried out."""

    def __init__(self, number: int, command: str, field: str = "") -> None:
        super().__init__(f"error {number} to {command} {field}".strip())
        self.number = number
        self.command = command
        self.field = field


@dataclass(frozen=True, slots=True)
class Answer:
    """``error`` is 0 for a command that was carried out."""

    command: str
    fields: Mapping[str, str] = field(default_factory=dict)
    error: int = 0
    token: str = ""


def build(command: str, fields: Mapping[str, str], token: str = "") -> bytes:
    """A frame. Raises UnicodeEncodeError for characters outside windows-1250, ValueError for control characters."""
    parts = [command, *(f"{name}{value}" for name, value in fields.items())]
    if token:
        parts.append(f"@{token}")
    if any(ord(sign) < 0x20 for part in parts for sign in part):
        raise ValueError(f"a field of {command} has a control character")
    body = b"".join(part.encode(CODE_PAGE) + TAB for part in parts)
    return STX + body + b"#" + _checksum(body) + ETX


def parse(frame: bytes) -> Answer:
    """The answer in a frame from STX to ETX. Raises Lost when it can't be trusted."""
    body, mark, crc = frame.removeprefix(STX).removesuffix(ETX).rpartition(b"#")
    if not mark:
        # One layout of the ERR answer has no "#" before the checksum.
        body, crc = frame[1:-5], frame[-5:-1]
    if crc.upper() != _checksum(body):
        raise Lost("an answer with a wrong checksum")
    command, *parts = body.decode(CODE_PAGE, "replace").rstrip("\t").split("\t")
    fields: dict[str, str] = {}
    error, token = 0, ""
    for part in parts:
        if part.startswith("@"):
            token = part[1:]
        elif found := _ERROR.fullmatch(part):
            error = int(found.group(1))
        else:
            fields[part[:2]] = part[2:]
    return Answer(command, fields, error, token)


def _checksum(body: bytes) -> bytes:
    return f"{binascii.crc_hqx(body, 0):04X}".encode()


class Transport(Protocol):
    """A way to the printer. ``open`` raises NotSent, the others OSError."""

    def open(self) -> None: ...

    def send(self, data: bytes) -> None: ...

    def receive(self, timeout_s: float) -> bytes:
        """What came within the time; b"" when the other side is gone. Raises TimeoutError."""
        ...

    def close(self) -> None: ...


class TcpTransport:
    def __init__(self, host: str, port: int = PORT, connect_timeout_s: float = 5.0) -> None:
        self._address = (host, port)
        self._connect_timeout_s = connect_timeout_s
        self._socket: socket.socket | None = None

    def open(self) -> None:
        try:
            self._socket = socket.create_connection(self._address, self._connect_timeout_s)
        except OSError as error:
            raise NotSent(f"{self._address[0]}:{self._address[1]}: {error}") from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, data: bytes) -> None:
        self._open_socket().sendall(data)

    def receive(self, timeout_s: float) -> bytes:
        opened = self._open_socket()
        opened.settimeout(max(timeout_s, 0.001))
        return opened.recv(4096)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise ConnectionError("the connection is closed")
        return self._socket


class SerialTransport:
    """8N1 through pyserial, which comes with ``pip install pomost[serial]``; ``url`` also as pyserial's ``socket://``.

    Raises NeedsPerson ``posnet.no-serial`` when pyserial is not installed.
    """

    def __init__(self, url: str, baud: int = 9600) -> None:
        try:
            self._library: Any = importlib.import_module("serial")
        except ImportError as error:
            raise NeedsPerson(
                "posnet.no-serial",
                f"The printer at {url} needs the package pyserial, which is not installed.",
                "Install it with: pip install pomost[serial]",
            ) from error
        self._url = url
        self._baud = baud
        self._port: Any = None

    def open(self) -> None:
        try:
            self._port = self._library.serial_for_url(self._url, baudrate=self._baud, timeout=0)
        except OSError as error:
            raise NotSent(f"{self._url}: {error}") from error

    def send(self, data: bytes) -> None:
        self._open_port().write(data)

    def receive(self, timeout_s: float) -> bytes:
        port = self._open_port()
        port.timeout = max(timeout_s, 0.001)
        first = bytes(port.read(1))
        if not first:
            raise TimeoutError(f"{self._url} is silent")
        port.timeout = 0
        return first + bytes(port.read(4096))

    def close(self) -> None:
        if self._port is not None:
            self._port.close()
            self._port = None

    def _open_port(self) -> Any:
        if self._port is None:
            raise ConnectionError("the port is closed")
        return self._port


class Client:
    """One conversation with the printer; one command at a time. After Lost it is closed: open it anew."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._rest = b""

    def open(self) -> None:
        """Raises NotSent."""
        self._rest = b""
        self._transport.open()

    def close(self) -> None:
        self._transport.close()

    def ask(
        self,
        command: str,
        fields: Mapping[str, str] | None = None,
        *,
        token: str = "",
        timeout_s: float = 10.0,
    ) -> Mapping[str, str]:
        """The fields of the answer to a command that was carried out. Raises Lost, Refusal."""
        answer = self.exchange(command, fields or {}, token, timeout_s)
        if answer.error:
            named = answer.fields.get("cm", command) if answer.command == "ERR" else command
            raise Refusal(answer.error, named, answer.fields.get("fd", ""))
        return answer.fields

    def exchange(self, command: str, fields: Mapping[str, str], token: str, timeout_s: float) -> Answer:
        """The answer, refusals included. Raises Lost. For ``rpt`` it is the stored answer of whatever command."""
        frame = build(command, fields, token)
        expected = command.removeprefix("!")
        try:
            self._transport.send(frame)
            answer = self._receive(time.monotonic() + timeout_s)
        except OSError as error:
            self.close()
            raise Lost(f"{command}: {error or type(error).__name__}") from error
        except Lost:
            self.close()
            raise
        if (expected != "rpt" and answer.command not in (expected, "ERR")) or (
            answer.token and answer.token != token
        ):
            # An answer to something else: from here on nothing fits together any more.
            self.close()
            raise Lost(f"{command} was answered as {answer.command}")
        return answer

    def _receive(self, until: float) -> Answer:
        while True:
            start = self._rest.find(STX)
            end = self._rest.find(ETX, max(start, 0))
            if start >= 0 and end >= 0:
                frame, self._rest = self._rest[start : end + 1], self._rest[end + 1 :]
                return parse(frame)
            if start < 0:
                self._rest = b""
            if len(self._rest) > _LONGEST:
                raise Lost("an answer without an end")
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError("no answer in time")
            data = self._transport.receive(left)
            if not data:
                raise ConnectionError("the printer closed the connection")
            self._rest += data

"""Printers that an agent can reach: a queue of CUPS, or one that takes raw bytes over TCP (labels in ZPL, mostly port 9100)."""

from __future__ import annotations

import shutil
import socket
import subprocess
from dataclasses import dataclass
from typing import Protocol

RAW_PORT = 9100


class NotPrinted(Exception):
    """The printer certainly did not take it: it may be sent again."""


class PerhapsPrinted(Exception):
    """Nobody knows how much the printer took: a person looks before it is sent again."""


class Printer(Protocol):
    def send(self, content: bytes, title: str, copies: int) -> None:
        """Hands it over. Raises NotPrinted or PerhapsPrinted."""
        ...


@dataclass(frozen=True, slots=True)
class Cups:
    """A queue of CUPS, by the command ``lp``; it draws PDFs itself."""

    queue: str
    timeout_s: float = 60.0

    def send(self, content: bytes, title: str, copies: int) -> None:
        program = shutil.which("lp")
        if program is None:
            raise NotPrinted("there is no program lp here; install the client of CUPS (Debian: cups-client)")
        command = [program, "-d", self.queue, "-n", str(copies), "-t", title[:100], "--", "-"]
        try:
            done = subprocess.run(command, input=content, capture_output=True, timeout=self.timeout_s)
        except OSError as error:
            raise NotPrinted(f"lp can't be run: {error.strerror}") from error
        except subprocess.TimeoutExpired as error:
            raise PerhapsPrinted("lp gave no answer in time") from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise NotPrinted(said[0][:200] if said else f"lp ended with {done.returncode}")


@dataclass(frozen=True, slots=True)
class Raw:
    """A printer that prints what is sent to its port. It confirms nothing: once the bytes are taken they count as printed."""

    host: str
    port: int = RAW_PORT
    timeout_s: float = 30.0

    def send(self, content: bytes, title: str, copies: int) -> None:
        try:
            connection = socket.create_connection((self.host, self.port), self.timeout_s)
        except OSError as error:
            raise NotPrinted(f"{self.host}:{self.port} can't be reached: {error}") from error
        with connection:
            try:
                for _ in range(copies):
                    connection.sendall(content)
                connection.shutdown(socket.SHUT_WR)
                # the printer closes when it has all; what it says is of no use
                while connection.recv(4096):
                    pass
            except OSError as error:
                raise PerhapsPrinted(f"{self.host}:{self.port} broke off: {error}") from error


def printer_of(text: str) -> Printer:
    """From ``cups:QUEUE``, ``tcp:HOST`` or ``tcp:HOST:PORT``. Raises ValueError saying what to write."""
    kind, _colon, rest = text.partition(":")
    if kind == "cups" and rest and not rest.startswith("-"):
        return Cups(rest)
    if kind == "tcp" and rest:
        host, colon, port = rest.rpartition(":")
        if not colon:
            return Raw(rest)
        if host and port.isdecimal() and 0 < int(port) < 65536:
            return Raw(host.strip("[]"), int(port))
    raise ValueError(f"{text!r} is no printer; write cups:QUEUE, tcp:HOST or tcp:HOST:PORT")

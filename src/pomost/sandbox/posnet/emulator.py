"""The printer on the network: two TCP interfaces, each with a queue of commands."""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType

from pomost.sandbox.posnet.faults import Faults, Strike
from pomost.sandbox.posnet.frames import ETX, STX, BadFrame, Request, failed, frame_error, parse
from pomost.sandbox.posnet.memory import FiscalMemory, Printed
from pomost.sandbox.posnet.printer import RATES, Printer

_TAKE_OVER_S = 1.0
"""A new connection waits so long for the one before it to end: each interface has one at a time."""
_BUFFER = 65_536


class Emulator:
    """A POSNET Online printer at 127.0.0.1; ``port`` and ``second_port`` are its two interfaces.

    ``file`` keeps the fiscal memory; an emulator started on it again goes on with its counters. What is open when the
    emulator ends is lost, as with a printer that is reset. Use as a context manager, or ``start`` and ``close``.
    """

    def __init__(
        self,
        file: Path,
        *,
        clock: Callable[[], datetime] = datetime.now,
        rates: Sequence[Decimal] = RATES,
        unique_number: str = "ZBF 2101000001",
        capacity: int = 1_000_000,
        ports: tuple[int, int] = (0, 0),
    ) -> None:
        self._memory = FiscalMemory(file)
        self.printer = Printer(self._memory, clock, rates, unique_number, capacity)
        self.faults = Faults()
        self.commands: list[str] = []
        """The commands received, in order, those sent with "!" included."""
        self.on_command: Callable[[str], None] = lambda command: None
        """Called with each command as it is received, before anything is done."""
        self._interfaces = [
            _Interface(self, number, port) for number, port in zip((1, 2), ports, strict=True)
        ]
        self.port, self.second_port = (one.port for one in self._interfaces)

    def start(self) -> Emulator:
        for one in self._interfaces:
            one.start()
        return self

    def close(self) -> None:
        with self.printer.changed:
            self.printer.closed = True
            self.printer.changed.notify_all()
        for one in self._interfaces:
            one.close()
        self._memory.close()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def receipts(self) -> list[Printed]:
        """What the fiscal memory holds: the truth."""
        return self._memory.receipts()

    def cancelled(self) -> int:
        return self._memory.documents("cancelled")

    def reports(self) -> int:
        return self._memory.documents("report")

    def counters(self) -> dict[str, int]:
        return self._memory.counters()

    def take_paper(self) -> None:
        self._set(paper=False)

    def put_paper_in(self) -> None:
        self._set(paper=True)

    def open_cover(self) -> None:
        self._set(cover_closed=False)

    def close_cover(self) -> None:
        self._set(cover_closed=True)

    def press_key(self) -> None:
        """Somebody confirms at the device."""
        self.printer.press_key()

    def _set(self, **state: bool) -> None:
        with self.printer.changed:
            for name, value in state.items():
                setattr(self.printer, name, value)
            self.printer.changed.notify_all()

    def handle(self, frame: bytes, interface: int) -> bytes | None:
        """The bytes to send back; None when the connection is to be cut, b"" when nothing is to come."""
        try:
            request = parse(frame)
        except BadFrame as error:
            return frame_error(error)
        self.commands.append(request.command)
        self.on_command(request.command)
        return self._carry_out(request, interface, self.faults.take(request.command))

    def _carry_out(self, request: Request, interface: int, struck: dict[str, Strike]) -> bytes | None:
        if "command-lost" in struck:
            return None
        if "slow" in struck:
            time.sleep(struck["slow"].seconds)
        if "busy" in struck:
            return failed(request, 41)
        if "no-paper" in struck:
            self.take_paper()
        if "cover-open" in struck:
            self.open_cover()
        if "refuse" in struck:
            answer = failed(request, struck["refuse"].number)
            self.printer.store(request, interface, answer)
        else:
            answer = self.printer.run(request, interface)
        if "forget-answers" in struck:
            self.printer.forget_answers()
        if "answer-lost" in struck:
            return None
        if "answer-withheld" in struck:
            return b""
        if "wrong-checksum" in struck:
            return answer[:-5] + (b"0000" if answer[-5:-1] != b"0000" else b"1111") + ETX
        if "garbage" in struck:
            return b"\x00\xff?#\x03" + answer
        return answer


class _Interface:
    """One PC interface: a listener, one connection at a time, and a worker that carries commands out in order."""

    def __init__(self, emulator: Emulator, number: int, port: int) -> None:
        self._emulator = emulator
        self._number = number
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._queue: queue.Queue[tuple[bytes, socket.socket] | None] = queue.Queue()
        self._free = threading.Event()
        self._free.set()
        self._current: socket.socket | None = None
        self._threads = [
            threading.Thread(target=self._accept, daemon=True),
            threading.Thread(target=self._work, daemon=True),
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        # A listener that another thread is blocked in wakes up only when it is shut down first.
        for one in (self._listener, self._current):
            if one is not None:
                _cut(one)
        self._queue.put(None)
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if not self._free.wait(_TAKE_OVER_S):
                _cut(connection)
                continue
            self._free.clear()
            self._current = connection
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        buffer = b""
        try:
            while data := connection.recv(4096):
                buffer += data
                while ETX in buffer:
                    part, _, buffer = buffer.partition(ETX)
                    _, begun, frame = part.rpartition(STX)
                    if begun:
                        self._take(frame, connection)
                if len(buffer) > _BUFFER:
                    buffer = b""
                    connection.sendall(frame_error(BadFrame(11)))
        except OSError:
            return
        finally:
            _cut(connection)
            self._free.set()

    def _take(self, frame: bytes, connection: socket.socket) -> None:
        if frame.startswith(b"!"):
            self._send(connection, self._emulator.handle(frame, self._number))
            return
        with self._emulator.printer.changed:
            self._emulator.printer.waiting[self._number] += 1
        self._queue.put((frame, connection))

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            frame, connection = item
            try:
                answer = self._emulator.handle(frame, self._number)
            finally:
                with self._emulator.printer.changed:
                    self._emulator.printer.waiting[self._number] -= 1
            self._send(connection, answer)

    def _send(self, connection: socket.socket, answer: bytes | None) -> None:
        if answer is None:
            _cut(connection)
            return
        # The other side may be gone; the command was carried out all the same.
        with contextlib.suppress(OSError):
            connection.sendall(answer)


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()

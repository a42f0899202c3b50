"""Talks to the emulator with frames made here, not with the driver's client."""

from __future__ import annotations

import socket
from typing import Any

STX, TAB, ETX = "\x02", "\t", "\x03"


def checksum(data: bytes) -> str:
    value = 0
    for byte in data:
        for bit in range(7, -1, -1):
            carry = (value >> 15) ^ ((byte >> bit) & 1)
            value = ((value << 1) & 0xFFFF) ^ (0x1021 if carry else 0)
    return f"{value:04X}"


def frame(command: str, *fields: str) -> bytes:
    body = TAB.join([command, *fields, ""]).encode("cp1250")
    return STX.encode() + body + b"#" + checksum(body).encode() + ETX.encode()


class Wire:
    """One connection."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 5)
        self._socket.settimeout(10)

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: Any) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def receive(self) -> list[str]:
        """The parts of the next frame; [] when the connection was cut."""
        data = b""
        while ETX.encode() not in data:
            part = self._socket.recv(1)
            if not part:
                return []
            data += part
        body, _, crc = data[1:-1].rpartition(b"#")
        assert checksum(body).encode() == crc
        return body.decode("cp1250").rstrip(TAB).split(TAB)

    def ask(self, command: str, *fields: str) -> list[str]:
        self.send(frame(command, *fields))
        return self.receive()

    def error(self, command: str, *fields: str) -> int:
        """The number after "?"; 0 when the command was carried out."""
        parts = [part for part in self.ask(command, *fields) if part.startswith("?")]
        return int(parts[0][1:]) if parts else 0

    def sell(self, *lines: tuple[str, int, int], paid: int = 0) -> int:
        """A receipt of (name, slot, price); gives the error of the first command that is refused, or 0."""
        total = sum(price for _, _, price in lines)
        commands = [("trinit", "bm1")]
        commands += [("trline", f"na{name}", f"vt{slot}", f"pr{price}") for name, slot, price in lines]  # type: ignore[misc]
        commands += [("trpayment", "ty0", f"wa{paid or total}"), ("trend", f"to{total}")]  # type: ignore[list-item]
        for command, *fields in commands:
            if number := self.error(command, *fields):
                self.ask("prncancel")
                return number
        return 0

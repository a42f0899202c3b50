"""Frames as the printer reads and writes them: strict, in windows-1250, with a checksum."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

STX, TAB, ETX = b"\x02", b"\x09", b"\x03"
CODE_PAGE = "cp1250"

_TOKEN = re.compile(r"[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Request:
    """A command with its fields; ``at_once`` when sent with "!" in front."""

    command: str
    fields: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    at_once: bool = False


class BadFrame(Exception):
    """A frame that is answered with ERR: ``number``, and where known the command and field."""

    def __init__(self, number: int, command: str = "", name: str = "", token: str = "") -> None:
        super().__init__(f"frame error {number}")
        self.number = number
        self.command = command
        self.name = name
        self.token = token


def checksum(data: bytes) -> str:
    """CRC-16, polynomial 1021h from 0000h, bit by bit as the specification puts it."""
    register = 0
    for byte in data:
        register ^= byte << 8
        for _ in range(8):
            register = (register << 1) ^ (0x1021 if register & 0x8000 else 0)
            register &= 0xFFFF
    return f"{register:04X}"


def framed(body: bytes) -> bytes:
    return STX + body + b"#" + checksum(body).encode() + ETX


def accepted(request: Request, fields: Mapping[str, str] | None = None) -> bytes:
    """The answer to a command that was carried out."""
    return framed(_head(request) + _written(fields or {}))


def failed(request: Request, number: int) -> bytes:
    """The answer to a command that was refused."""
    return framed(_head(request) + f"?{number}".encode() + TAB)


def frame_error(error: BadFrame) -> bytes:
    """The answer to a frame that can't be read."""
    body = b"ERR" + TAB
    if error.token:
        body += b"@" + error.token.encode() + TAB
    body += f"?{error.number}".encode() + TAB
    if error.command:
        body += f"cm{error.command}".encode(CODE_PAGE, "replace") + TAB
        if error.name:
            body += f"fd{error.name}".encode(CODE_PAGE, "replace") + TAB
    return framed(body)


def parse(frame: bytes) -> Request:
    """What stands between STX and ETX, both excluded; raises BadFrame."""
    body, hash_mark, crc = frame.rpartition(b"#")
    if not hash_mark or not re.fullmatch(rb"[0-9A-Fa-f]{4}", crc):
        raise BadFrame(15)
    if checksum(body) != crc.decode().upper():
        raise BadFrame(5)
    command, *parts = body.decode(CODE_PAGE, "replace").split("\t")
    if not parts or parts[-1] != "":
        raise BadFrame(6, command)
    fields: dict[str, str] = {}
    token = ""
    for part in parts[:-1]:
        if part.startswith("@"):
            if not _TOKEN.fullmatch(part[1:]) or token:
                raise BadFrame(4, command.lstrip("!"))
            token = part[1:]
            continue
        name, value = part[:2], part[2:]
        if not re.fullmatch(r"[a-z]{2}", name) or name in fields:
            raise BadFrame(6, command.lstrip("!"), name, token)
        fields[name] = value
    return Request(command.lstrip("!"), fields, token, command.startswith("!"))


def _head(request: Request) -> bytes:
    head = request.command.encode(CODE_PAGE, "replace") + TAB
    return head + (b"@" + request.token.encode() + TAB if request.token else b"")


def _written(fields: Mapping[str, str]) -> bytes:
    return b"".join(f"{name}{value}".encode(CODE_PAGE, "replace") + TAB for name, value in fields.items())

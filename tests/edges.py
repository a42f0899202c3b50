"""Devices at the edge for tests: an emulated fiscal printer over TCP and a mail server, with their tables of settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pomost.sandbox.posnet import Emulator
from tests.connectors.smtp.servers import Behaviour, mail_server

QUICK = {
    "connect_timeout_s": 2.0,
    "command_timeout_s": 2.0,
    "print_timeout_s": 2.0,
    "doubt_wait_s": 1.0,
}


@contextmanager
def fiscal_printer(folder: Path) -> Iterator[Emulator]:
    with Emulator(folder / "fiscal-memory.db") as emulator:
        yield emulator


def posnet(emulator: Emulator, **wanted: Any) -> dict[str, Any]:
    """The printer's table of settings."""
    return {
        "name": "posnet",
        "company": "main",
        "host": "127.0.0.1",
        "port": emulator.port,
        **QUICK,
        **wanted,
    }


@contextmanager
def post_office() -> Iterator[tuple[Behaviour, dict[str, Any]]]:
    """A mail server that takes everything: what it took, and the table of settings."""
    behaviour = Behaviour()
    with mail_server(behaviour) as port:
        yield behaviour, smtp(port)


def smtp(port: int, **wanted: Any) -> dict[str, Any]:
    return {
        "name": "smtp",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "Sklep <faktury@example.com>",
        "timeout_s": 5.0,
        "answer_timeout_s": 5.0,
        **wanted,
    }

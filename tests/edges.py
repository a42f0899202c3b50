"""Devices and carriers at the edge for tests: an emulated fiscal printer over TCP, a mail server, an InPost, with their tables
of settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pomost.sandbox.posnet import Emulator
from pomost.sandbox.shipx import Settings as InPostSettings
from pomost.sandbox.shipx import ShipX
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


@contextmanager
def inpost_office(**wanted: Any) -> Iterator[ShipX]:
    """An InPost whose labels are there a moment after they were ordered. ``wanted``: how the account stands."""
    quick = {"offers_prepared_s": 0.0, "offer_selected_s": 0.0, "confirmed_s": 0.2, "buying_s": 0.1}
    with ShipX(InPostSettings(**{**quick, **wanted})) as running:
        yield running


def shipx(inpost: ShipX, **wanted: Any) -> dict[str, Any]:
    return {
        "name": "inpost",
        "url": inpost.url,
        "token": inpost.token,
        "organization": inpost.organization,
        "settle_s": 0.5,
        "calls_per_minute": 0,
        "timeout_s": 5.0,
        **wanted,
    }

"""The devices at the edge as the acts reach for them: printers that are used by turns, and mail with its texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from pomost.ports import FiscalPrinter, Mailer, NeedsPerson, StopConnection, TryAgain
from pomost.trade.documents import Document

TURN_S = 300.0


@dataclass(frozen=True, slots=True)
class PrinterDesk:
    """One fiscal printer. ``payments``: form of payment on documents, in small letters -> the printer's form."""

    name: str
    company: str
    device: FiscalPrinter
    payments: Mapping[str, str] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nobody else of this process prints there from the mark to the receipt: what another prints in between makes a
        mark useless. Raises TryAgain ``fiscal.busy``."""
        if not self._turn.acquire(timeout=TURN_S):
            raise TryAgain(
                "fiscal.busy",
                f'Others print on "{self.name}" for {TURN_S:.0f} seconds now.',
                "Goes on by itself.",
            )
        try:
            yield
        finally:
            self._turn.release()


@dataclass(frozen=True, slots=True)
class MailText:
    """What a mail says."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class MailDesk:
    """One mail account. ``write`` gives the text that goes with a document: (document, language, template)."""

    name: str
    mailer: Mailer
    write: Callable[[Document, str, str], MailText]


@dataclass(frozen=True, slots=True)
class Devices:
    """By the names of their connections."""

    printers: Mapping[str, PrinterDesk] = field(default_factory=dict)
    mails: Mapping[str, MailDesk] = field(default_factory=dict)

    def printer(self, name: str) -> PrinterDesk:
        """Raises NeedsPerson ``flow.unknown-printer``."""
        if name not in self.printers:
            raise NeedsPerson(
                "flow.unknown-printer",
                f'There is no fiscal printer "{name}".',
                f"Printers: {', '.join(self.printers) or 'none'}.",
            )
        return self.printers[name]

    def mail(self, name: str) -> MailDesk:
        """Raises NeedsPerson ``flow.unknown-mailer``."""
        if name not in self.mails:
            raise NeedsPerson(
                "flow.unknown-mailer",
                f'There is no mail account "{name}".',
                f"Mail accounts: {', '.join(self.mails) or 'none'}.",
            )
        return self.mails[name]


def for_a_person(name: str, failure: StopConnection) -> NeedsPerson:
    """A stopped device: the cases of a source are not stopped by it, and are not tried again whenever the source works."""
    return NeedsPerson(failure.code, f'"{name}": {failure.text}', failure.advice, **failure.facts)


def masked(address: str) -> str:
    """``jan@example.com`` as ``j***@example.com``."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}"

"""The devices at the edge as the acts reach for them: printers that are used by turns, and mail with its texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from pomost.flows.turns import Turns
from pomost.ports import FiscalPrinter, Mailer, NeedsPerson, StopConnection
from pomost.trade.documents import Document


@dataclass(frozen=True, slots=True)
class PrinterDesk:
    """One fiscal printer. ``payments``: form of payment on documents, in small letters -> the printer's form."""

    name: str
    company: str
    device: FiscalPrinter
    payments: Mapping[str, str] = field(default_factory=dict)
    turns: Turns = field(default_factory=lambda: Turns("printer"))

    def turn(self) -> AbstractContextManager[None]:
        """Nobody else of this process prints there from the mark to the receipt: what another prints in between makes a
        mark useless. Raises WaitUntil ``fiscal.busy``, ``engine.closing``."""
        return self.turns.one()


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
    turns: Turns = field(default_factory=lambda: Turns("mail"))

    def turn(self) -> AbstractContextManager[None]:
        """No more talk to the server at once than it has places. Raises as that of a printer."""
        return self.turns.one()


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

    def close(self, within_s: float) -> None:
        """The program ends: who gets no turn at a device within so many seconds is sent away."""
        printers = [desk.turns for desk in self.printers.values()]
        for turns in (*printers, *(desk.turns for desk in self.mails.values())):
            turns.close(within_s)


def for_a_person(name: str, failure: StopConnection) -> NeedsPerson:
    """A stopped device: the cases of a source are not stopped by it, and are not tried again whenever the source works."""
    return NeedsPerson(failure.code, f'"{name}": {failure.text}', failure.advice, **failure.facts)


def masked(address: str) -> str:
    """``jan@example.com`` as ``j***@example.com``."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}"

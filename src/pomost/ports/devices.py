"""What stands at the edge of a flow: fiscal printers and mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from pomost.ports.channel import FileToSend
from pomost.ports.failures import Json
from pomost.trade.vat import VatRate


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line of a fiscal receipt. ``price`` and ``gross`` are gross PLN; ``gross`` is after the line's discount."""

    sku: str
    name: str
    quantity: Decimal
    unit: str
    price: Decimal
    gross: Decimal
    vat: VatRate


@dataclass(frozen=True, slots=True)
class ReceiptToPrint:
    """A PA as a fiscal printer takes it. ``payments``: form (cash, card, transfer, credit, other) -> amount in PLN."""

    key: str
    lines: tuple[ReceiptLine, ...]
    total: Decimal
    payments: Mapping[str, Decimal]
    nip: str = ""
    order_number: str = ""
    document_number: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class FiscalReceipt:
    """A receipt in the fiscal memory. ``printer`` is the device's unique number, ``link`` that of an e-receipt."""

    number: str
    printer: str
    printed_at: datetime
    link: str = ""


@runtime_checkable
class FiscalPrinter(Protocol):
    """Where sales are registered. A printed receipt can't be taken back, and the device knows no key of ours.

    Capabilities: "nip", "e-receipt". The order of acts: ``mark`` (kept with the intention of the step), then
    ``print_receipt``; after any doubt ``printed_since`` with the kept mark, before anything else is printed there.
    """

    def capabilities(self) -> frozenset[str]: ...

    def mark(self) -> Json:
        """What the device's counters show now; plain JSON. Raises TryAgain, NeedsPerson."""
        ...

    def print_receipt(self, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt:
        """Registers the sale once.

        Raises TryAgain and NeedsPerson only when it is certain that nothing fiscal was printed, else InDoubt.
        """
        ...

    def printed_since(self, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt | None:
        """The receipt when it was registered after ``mark``; None when certainly not. Raises InDoubt otherwise, with the
        fact ``ask`` where asking again later may tell."""
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """A message to one person. ``key`` becomes its Message-ID, so that the same mail sent twice is known as one."""

    key: str
    to: str
    subject: str
    text: str
    html: str = ""
    files: tuple[FileToSend, ...] = ()
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A mail that came back: ``key`` of the mail, why (as the other side said it), and whether that is final."""

    key: str
    address: str
    reason: str
    final: bool


@runtime_checkable
class Mailer(Protocol):
    """Where mail is handed over. It can't be asked what it took: a lost answer stays in doubt."""

    def send(self, mail: Mail) -> None:
        """Raises TryAgain (not taken), NeedsPerson (address or content refused), StopConnection, InDoubt."""
        ...

    def bounces(self, cursor: Json) -> tuple[tuple[Bounce, ...], Json]:
        """What came back since ``cursor`` ({} at first), and the next cursor; nothing where no mailbox is set."""
        ...

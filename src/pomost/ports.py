"""What Pomost asks of the outside, as small protocols; and the failures by what comes next.

Failure
├── TryAgain         the same request may succeed soon (time-out of a read, 5xx, HTML instead of JSON)
├── WaitUntil        it may succeed after a moment that is known (blocked token, limit)
├── Waiting          it will succeed once something appears (an item card, goods in stock)
├── NeedsPerson      it will not succeed until somebody changes something
├── StopConnection   nothing on this connection will succeed (wrong token)
└── InDoubt          nobody knows whether it happened: ask the other side before repeating
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any, Protocol, runtime_checkable

from pomost.trade.between import UnitPrice
from pomost.trade.corrections import Standing
from pomost.trade.documents import Document, Draft
from pomost.trade.order import Order
from pomost.trade.vat import VatRate

Json = dict[str, Any]


class Failure(Exception):
    """What went wrong, for whom, and what to do about it.

    ``code`` is stable and listed in docs/reference/errors.md. ``text`` says who and what, ``advice`` what to do.
    Neither holds secrets or personal data, so both may be logged.
    """

    def __init__(self, code: str, text: str, advice: str = "", **facts: str) -> None:
        super().__init__(f"{text} {advice}".strip())
        self.code = code
        self.text = text
        self.advice = advice
        self.facts = facts

    def name_connection(self, name: str) -> None:
        """Puts the connection's name before the text: an account is one of several."""
        self.text = f'"{name}": {self.text}'
        self.args = (f"{self.text} {self.advice}".strip(),)


class TryAgain(Failure):
    """The same request may succeed soon."""


class WaitUntil(Failure):
    """It may succeed after ``until`` (aware datetime)."""

    def __init__(self, code: str, text: str, until: datetime, advice: str = "", **facts: str) -> None:
        super().__init__(code, text, advice, **facts)
        self.until = until


class Waiting(Failure):
    """It goes on by itself once ``needs`` appears, e.g. ("item:KUBEK-1",) or ("stock:KUBEK-1",)."""

    def __init__(self, code: str, text: str, needs: tuple[str, ...], advice: str = "", **facts: str) -> None:
        super().__init__(code, text, advice, **facts)
        self.needs = needs


class NeedsPerson(Failure):
    """It will not succeed until somebody changes something."""


class StopConnection(Failure):
    """Nothing on this connection will succeed until somebody changes its settings."""


class InDoubt(Failure):
    """The request may or may not have been carried out."""


class Priority(IntEnum):
    """Whose call goes first when an account's limit is short; the smaller number is the more urgent."""

    WRITE_BACK = 1
    NEW_ORDERS = 2
    STOCK = 3
    EDITS = 4
    SHARED = 5
    """A write that many share in one call: the later it goes, the more it carries."""
    CHECKS = 6
    CATALOGUE = 7


class CallLimiter(Protocol):
    """The one door to an account, shared by all that call it. Both methods may be used from any thread."""

    def acquire(self, priority: int) -> None:
        """Returns when a call may be made; raises WaitUntil while the account is blocked."""
        ...

    def block(self, until: datetime) -> None:
        """Nobody calls before ``until`` (aware): the other side has blocked the account."""
        ...


@dataclass(frozen=True, slots=True)
class Seen:
    """An order as just read: its raw form as the source gave it, and the same in the language of trade.

    ``order`` is None when the raw form can't be read; ``problem`` then says why (nothing is dropped in silence).
    ``marker`` is our own reference when the order was placed in the channel by us, else empty.
    """

    external_id: str
    raw: Json
    order: Order | None
    problem: Failure | None = None
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A part of one look. ``cursor`` may be kept once ``seen`` is stored, never before.

    ``gone`` are ids that the source says no longer exist (deleted, merged into another). ``kin`` are pairs of ids that
    the source says are parts of one purchase (split off, merged), so that nobody takes them for duplicates.
    """

    seen: tuple[Seen, ...]
    cursor: Json
    gone: tuple[str, ...] = ()
    kin: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class FileToSend:
    """A document's file for the channel."""

    name: str
    content: bytes
    number: str = ""


@dataclass(frozen=True, slots=True)
class WriteBack:
    """What is to be written to one order of a channel in as few calls as it allows.

    ``fields``: the channel's field (name or id as configured) -> text. ``file_field``: the field that takes the file.
    ``document_file``: attach ``file`` as the channel's own invoice or receipt document instead.
    """

    order_id: str
    key: str
    fields: Mapping[str, str] = field(default_factory=dict)
    file: FileToSend | None = None
    file_field: str = ""
    document_file: str = ""
    series: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingOrder:
    """An order that was made in the ERP and goes to a channel. ``key`` is our reference, found again by ``find_placed``."""

    key: str
    order: Order
    status: str


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of a currency costs in PLN. ``note`` names the table and its day, as printed on documents."""

    value: Decimal
    note: str


@runtime_checkable
class RateSource(Protocol):
    """Where exchange rates come from."""

    def rate(self, currency: str, day: date) -> Rate:
        """The average rate published for ``day``. Raises TryAgain, or NeedsPerson when there is none."""
        ...


@runtime_checkable
class OrderSource(Protocol):
    """Somewhere orders come from: a channel, or an ERP in which order documents are made."""

    def look(self, cursor: Json) -> Iterator[Page]:
        """What is new or changed since ``cursor`` ({} at first), page by page; overlaps are normal.

        Raises TryAgain, WaitUntil, StopConnection; what was yielded before stays valid.
        """
        ...

    def read(self, external_id: str) -> Seen | None:
        """The order as it is now; None when the source does not know it."""
        ...

    def parse(self, raw: Json) -> Order:
        """The stored raw form in the language of trade; raises NeedsPerson when it can't be read."""
        ...


@runtime_checkable
class SalesChannel(OrderSource, Protocol):
    """Where people buy. Capabilities: "fields", "status", "file-field", "document-file", "place", "journal", and
    "returns" for one that is a ReturnSource too."""

    def capabilities(self) -> frozenset[str]: ...

    def write(self, what: WriteBack) -> None:
        """Repeating the same write is harmless. Raises InDoubt where it may have been done."""
        ...

    def is_written(self, what: WriteBack) -> bool:
        """Whether the channel shows this write already. Asked after any doubt, before repeating."""
        ...

    def set_status(self, external_ids: Iterable[str], status: str) -> None:
        """Moves orders to one status in as few calls as the channel allows."""
        ...

    def find_placed(self, key: str, since: datetime | None = None) -> str | None:
        """The channel's id of the order we placed under ``key``; None when there is certainly none.

        ``since``: it was placed no earlier than this (the moment the intention was written), so that less has to be
        looked through; None looks through everything that may hold it.
        """
        ...

    def place(self, what: OutgoingOrder) -> str:
        """Places an order; gives its id. Not repeatable: after InDoubt ask ``find_placed``."""
        ...

    def check_words(self, statuses: Iterable[str], fields: Iterable[str]) -> list[str]:
        """The statuses and fields among these that the channel does not have (as messages); empty when all exist."""
        ...


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """A line that came back. ``order_line`` is the channel's line id in the order; ``price`` is gross."""

    id: str
    order_line: str
    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    vat: VatRate
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReturnSeen:
    """A return as just read. ``refunded`` is what was really paid back so far, in ``currency``.

    ``lines`` are empty and ``problem`` says why where the raw form can't be read. Bank data are never in ``raw``.
    """

    external_id: str
    order_id: str
    raw: Json
    status: str = ""
    number: str = ""
    created_at: datetime | None = None
    currency: str = ""
    refunded: Decimal = Decimal(0)
    state: int = 0
    lines: tuple[ReturnLine, ...] = ()
    problem: Failure | None = None


@dataclass(frozen=True, slots=True)
class ReturnsPage:
    """A part of one look at returns; ``cursor`` may be kept once ``seen`` is stored, never before."""

    seen: tuple[ReturnSeen, ...]
    cursor: Json
    gone: tuple[str, ...] = ()


@runtime_checkable
class ReturnSource(Protocol):
    """Where returned goods are announced: a channel with the capability "returns"."""

    def look_returns(self, cursor: Json) -> Iterator[ReturnsPage]:
        """Returns that are new or changed since ``cursor`` ({} at first); overlaps are normal. Fails as ``look`` does."""
        ...

    def read_return(self, external_id: str) -> ReturnSeen | None:
        """The return as it is now; None when the source does not know it."""
        ...

    def parse_return(self, raw: Json) -> ReturnSeen:
        """The stored raw form, read again without a call."""
        ...

    def set_return_status(self, external_ids: Iterable[str], status: str) -> None:
        """Moves returns to one status in as few calls as the source allows. Repeating is harmless."""
        ...

    def check_return_words(self, statuses: Iterable[str]) -> list[str]:
        """The statuses of returns among these that the source does not have (as messages)."""
        ...


@dataclass(frozen=True, slots=True)
class Ties:
    """What holds a document in its place.

    ``followers``: ids of the documents in force that were made from it. ``goods_used``: goods that it received were
    issued since.
    """

    followers: tuple[str, ...] = ()
    goods_used: bool = False


@runtime_checkable
class Erp(Protocol):
    """Where documents are made. Capabilities: "issue:RO", "convert:RO>FS", "amend:RO", "approve", "partial", "orders",
    "cancel", "delete" (both with ``ties``)..."""

    def capabilities(self) -> frozenset[str]: ...

    def find(self, company: str, key: str) -> Document | None:
        """The document made under our reference ``key``; None when there is none."""
        ...

    def issue(self, draft: Draft) -> Document:
        """Makes the document, or gives the one that ``draft.key`` already made.

        Raises Waiting (unknown item, goods short), NeedsPerson (a rule refuses it), InDoubt (an answer was lost).
        """
        ...

    def amend(self, company: str, key: str, draft: Draft) -> Document:
        """Replaces the lines and parties of an order document of which nothing is realised yet."""
        ...

    def approve(self, company: str, key: str) -> Document:
        """Takes a document out of bufor. Repeating is harmless."""
        ...

    def read(self, company: str, document_id: str) -> Document | None:
        """The document as it is now."""
        ...

    def ties(self, company: str, key: str) -> Ties:
        """What would keep the document from being undone. Raises NeedsPerson for one that is not there."""
        ...

    def cancel(self, company: str, key: str) -> Document:
        """Takes back all that a document did: goods, reservation, what it realised. Repeating is harmless.

        Raises NeedsPerson where a rule forbids it, InDoubt.
        """
        ...

    def delete(self, company: str, key: str) -> None:
        """Deletes a document that is still in bufor. Not repeatable: after InDoubt ask ``find``.

        Raises NeedsPerson where a rule forbids it or there is no such document, InDoubt.
        """
        ...

    def item_vat(self, company: str, skus: Iterable[str]) -> Mapping[str, VatRate]:
        """The VAT rate on the card of each of ``skus`` that has one."""
        ...

    def level_prices(self, company: str, level: str, skus: Iterable[str]) -> Mapping[str, UnitPrice]:
        """The price of each of ``skus`` at a price level, where its card has one."""
        ...

    def unit_costs(self, company: str, warehouse: str, skus: Iterable[str]) -> Mapping[str, Decimal]:
        """What one piece in stock cost on average, net, in PLN; empty ``warehouse``: in all of them together.

        Nothing for what is not in stock.
        """
        ...

    def present(self, company: str, needs: Iterable[str]) -> frozenset[str]:
        """Those of ``needs`` (as named by Waiting) that may be satisfied by now."""
        ...

    def unknown_items(self, company: str, skus: Iterable[str]) -> frozenset[str]:
        """Those of ``skus`` that have no item card."""
        ...

    def standings(self, company: str, order: str) -> tuple[Standing, ...]:
        """The sales and goods issues in force that were made for an order (by its number in the channel), oldest
        first, as they stand after their corrections: what may still be corrected. Capability "correct:FSK" ..."""
        ...


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
        """The receipt when it was registered after ``mark``; None when certainly not. Raises InDoubt otherwise."""
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

"""Sales channels: where orders and returns come from, and what goes back to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Protocol, runtime_checkable

from pomost.ports.failures import Failure, Json
from pomost.trade.order import Order
from pomost.trade.vat import VatRate


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
    Both: a return that can be read, and of which a person has to decide something first (see ``ReturnSeen``).
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
class PaymentSeen:
    """A change of what an order is paid: what was paid in all once it was made, and when (aware)."""

    paid: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class FileToSend:
    """A document's file for the channel."""

    name: str
    content: bytes
    number: str = ""


@dataclass(frozen=True, slots=True)
class FiscalNumber:
    """What a fiscal printer gave a sale, for the channel's own receipt. ``printed_at`` is aware."""

    number: str
    printed_at: datetime
    printer: str = ""


@dataclass(frozen=True, slots=True)
class WriteBack:
    """What is to be written to one order of a channel in as few calls as it allows.

    ``fields``: the channel's field (name or id as configured) -> text. ``file_field``: the field that takes the file.
    ``document_file``: attach ``file`` as the channel's own invoice or receipt document instead.
    ``fiscal``: goes on the channel's own receipt, which is made where the order has none. ``series``: of an invoice or receipt
    that is made; ``receipt_series``: of a receipt, where it is another.
    """

    order_id: str
    key: str
    fields: Mapping[str, str] = field(default_factory=dict)
    file: FileToSend | None = None
    file_field: str = ""
    document_file: str = ""
    series: str = ""
    fiscal: FiscalNumber | None = None
    receipt_series: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingOrder:
    """An order that was made in the ERP and goes to a channel. ``key`` is our reference, found again by ``find_placed``."""

    key: str
    order: Order
    status: str


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
class PaymentHistory(Protocol):
    """A channel that tells when an order was paid (capability "payments")."""

    def payments(self, external_id: str) -> tuple[PaymentSeen, ...]:
        """The payments of an order, oldest first; empty where the channel knows none. Raises TryAgain, WaitUntil,
        StopConnection."""
        ...


@runtime_checkable
class SalesChannel(OrderSource, Protocol):
    """Where people buy. Capabilities: "fields", "status", "file-field", "document-file", "receipt-number",
    "place", "journal", "returns" for one that is a ReturnSource too, "payments" for a PaymentHistory, "stock", "prices"
    and "cards" for one with a CatalogueChannel."""

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
    """A line that came back. ``order_line`` is the channel's line id in the order; ``price`` is gross.

    ``cheaper``: by how much, gross and in all, what is kept of the line became cheaper, whether pieces come back or not. The
    return then says its ``amount`` too.
    """

    id: str
    order_line: str
    sku: str
    name: str
    quantity: Decimal
    price: Decimal
    vat: VatRate
    reason: str = ""
    cheaper: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class ReturnSeen:
    """A return as just read. ``refunded`` is what was really paid back so far, in ``currency``.

    ``lines`` are empty and ``problem`` says why where the raw form can't be read. Bank data are never in ``raw``.
    ``delivery``: what of the order's delivery is paid back, gross: all of it or nothing; None where the channel does not say,
    so that a rule of the flow decides.
    ``amount``: by how much the sale goes down in all, gross, where lines do not tell it: what neither goods that came back nor
    ``cheaper`` of a line account for lowers the prices of what is kept (``trade.lowering``). Together with a ``problem`` it is
    a question: a person may have it done so, or settle it otherwise. ``reason``: of the return as a whole.
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
    delivery: Decimal | None = None
    amount: Decimal | None = None
    reason: str = ""


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

"""A connection to a sales channel as the rest of the house knows it, whatever system is at its other end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Literal, Protocol, runtime_checkable

from pomost.ports.catalogue import CatalogueChannel
from pomost.ports.channel import CallLimiter, SalesChannel
from pomost.ports.failures import Failure, Json, NeedsPerson
from pomost.trade.order import Order


@dataclass
class LookReport:
    """What the last look did. ``faults``: what is set up so that the connection must not be used as it is; work goes on as far as it
    is safe. ``journal_note`` says why the channel's own notices of changes (a journal, webhooks) are not used or
    can't be trusted. ``left_unconfirmed``, ``left_older``: orders passed over."""

    at: datetime | None = None
    journal: str = "unknown"
    journal_note: str = ""
    events: int = 0
    own_events: int = 0
    read: int = 0
    gone: int = 0
    left_unconfirmed: int = 0
    left_older: int = 0
    unreadable: int = 0
    complete: bool = False
    warnings: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What an account calls things, for choosing on screen. ``inventories``: its catalogues; ``warehouses`` and
    ``price_groups`` are theirs."""

    statuses: tuple[str, ...] = ()
    return_statuses: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    file_fields: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    inventories: tuple[str, ...] = ()
    warehouses: tuple[str, ...] = ()
    price_groups: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@runtime_checkable
class ChannelAccount(SalesChannel, Protocol):
    """A sales channel with what the program, the panel and the checks need of it besides."""

    @property
    def catalogue(self) -> CatalogueChannel | None:
        """Its products; None without the capabilities "stock", "prices" and "cards"."""
        ...

    def parse(self, raw: Json) -> Order:
        """The stored raw form in the language of trade; raises NeedsPerson when it can't be read."""
        ...

    def report(self) -> LookReport:
        """What the last look did."""
        ...

    def calls_made(self) -> Mapping[str, int]:
        """How many calls were sent since the program began, by method."""
        ...

    def vocabulary(self) -> Vocabulary:
        """What the account calls things, asked now by a handful of calls. Raises what calls raise."""
        ...

    def close(self) -> None:
        """Closes the kept connections."""
        ...


@runtime_checkable
class OffersPayments(Protocol):
    """A channel that tells which forms of payment it offers."""

    def unconfirmed_payments(self) -> Sequence[NeedsPerson]:
        """A failure for each form of payment on offer that no operator confirms, by which flows that sell straight from the payment
        would invoice what was never paid. Raises what calls raise."""
        ...


class Heard(Enum):
    """What a webhook of the channel turned out to be."""

    CHANGE = auto()
    """Rightly signed, and a reason to look now."""
    NOTHING = auto()
    """Taken, and of no use."""
    UNSIGNED = auto()
    FORGED = auto()
    """Signed with another secret: an attempt."""


@runtime_checkable
class TakesHooks(Protocol):
    """A channel that sends webhooks to /hooks/KIND/NAME. They are hints: what one says is never taken for the truth."""

    def hear(self, headers: Mapping[str, str], body: bytes) -> Heard:
        """``headers`` by their names in small letters; ``body`` the raw bytes. Calls nobody, so that the answer comes at once."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check of a doctor found. ``check``: its name; ``says``: which of its texts; ``facts`` stand in the text. ``failure``: a
    call that failed, which says itself what to do."""

    check: str
    verdict: Literal["ok", "warning", "fault"]
    says: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    failure: Failure | None = None


@runtime_checkable
class Doctored(Protocol):
    """A channel that can be looked over as it stands: keys, clock, taxes, payments. The texts of its findings stand in
    ``cli/doctor_texts``, in the file of its kind."""

    def look_over(self, limiter: CallLimiter) -> Iterator[Finding]:
        """All checks, the plainest first; nothing is changed there. Failures are findings. ``limiter``: that of the account."""
        ...

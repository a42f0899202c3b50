"""A connection to a sales channel as the rest of the house knows it, whatever system is at its other end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

from pomost.ports.catalogue import CatalogueChannel
from pomost.ports.channel import SalesChannel
from pomost.ports.failures import Json, NeedsPerson
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

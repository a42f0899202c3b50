"""What can be set about one BaseLinker connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pomost.connectors.baselinker.client import ADDRESS


@dataclass(frozen=True, slots=True)
class Settings:
    """One account, reached with one token that no other program should use.

    Times are seconds. ``name`` is what people call the connection; it stands in messages.
    """

    name: str
    token: str = field(repr=False)
    url: str = ADDRESS
    watched_statuses: tuple[str, ...] = ()
    """Statuses by name whose orders are listed again and again, whatever the journal says."""
    watched_return_statuses: tuple[str, ...] = ()
    """Statuses of returns by name whose returns are listed at each look, whatever the journal says."""
    import_from: datetime | Literal["now"] = "now"
    """Orders confirmed before this moment, and not moved since, are left alone. "now" is the first look."""
    journal: Literal["auto", "on", "off"] = "auto"
    unconfirmed: bool = True
    """Also read orders whose buyer has not finished them yet."""
    default_currency: str = "PLN"
    """For orders without one (typed in by hand long ago)."""
    include_custom_extra_fields: bool = True
    bulk_every_s: float = 60.0
    """How often new orders are listed although the journal says nothing."""
    relist_every_s: float = 300.0
    """How often recent orders and watched statuses are read anew, trusting no cursor, where there is no journal."""
    relist_journal_s: float = 1800.0
    """The same where the journal is on."""
    relist_hours: float = 1.0
    """How far back from the newest order a relist goes."""
    watch_every_s: float = 30.0
    """How often watched statuses are listed where there is no journal."""
    watch_days: float = 30.0
    """Orders made longer ago are left out of the listings of watched statuses, so that these stay short."""
    pages_per_look: int = 20
    """How many pages of relisting one look reads at most; the next one goes on."""
    status_linger_s: float = 0.05
    """How long a status change waits for others to go out with it in one call."""
    marker_field: Literal["admin_comments", "extra_field_1", "extra_field_2"] = "admin_comments"
    """Where the reference of orders that we place stands."""
    custom_source_id: int = 0
    """The own source (panel: Orders, sources) of orders that we place; 0 is the default one."""
    placed_from: datetime | None = None
    """No order was placed before this moment: the search for one begins there."""
    timeout_s: float = 30.0
    connect_timeout_s: float = 10.0
    blocked_zone: str = "Europe/Warsaw"
    """Zone of the time until which BaseLinker says that the token is blocked."""
    blocked_minutes: float = 11.0
    """Pause after a block whose end is not told."""
    status_orders: int = 100
    """Orders in one status call."""
    amounts: Literal["text", "number"] = "text"
    """How amounts are sent."""

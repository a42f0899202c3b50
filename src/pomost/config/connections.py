"""Connections to outside systems: accounts, their limits and paces."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from pomost.config.parts import Name, Part


def checked_moment(text: str) -> str:
    """A date, or a date and time, or nothing."""
    if text:
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError("write a date or a date and time, as 2026-01-31 or 2026-01-31T08:00") from error
    return text


class BaseLinker(Part):
    """One BaseLinker account."""

    kind: ClassVar[Literal["baselinker"]] = "baselinker"
    """Its table in the configuration."""

    name: Name = Field("baselinker", description="Name of the connection, used in flows.")
    url: str = Field(
        "https://api.baselinker.com/connector.php",
        description="Address of the API; the sandbox prints its own.",
    )
    token: str = Field(
        description='API token. Write "env:POMOST_BL_TOKEN", so that it is read from the environment.',
        repr=False,
    )
    calls_per_minute: int = Field(
        80,
        ge=0,
        le=10000,
        description="Shared by all workers; 0 turns the limiter off. BaseLinker blocks a token at 100.",
    )
    poll_s: float = Field(6.0, ge=0.05, description="Seconds between looks for changes.")
    returns_s: float = Field(
        60.0, ge=0.05, description="Seconds between looks for returns, where a flow takes them."
    )
    poll_busy_s: float = Field(
        120.0,
        ge=0,
        le=3600,
        description="The longest pause between looks while work that waits fills the limit anyway; a look takes calls "
        "away from it. 0: looks never slow down.",
    )
    journal: Literal["auto", "on", "off"] = Field(
        "auto",
        description="Whether the order journal is used as a hint: auto finds out whether it is enabled, on trusts it, "
        "off never asks.",
    )
    bulk_s: float = Field(
        60.0, ge=1, description="Seconds between listings of new orders although the journal names none."
    )
    relist_s: float = Field(
        300.0,
        ge=1,
        description="Seconds between reconciliations (recent orders and watched statuses are read anew) without a "
        "journal.",
    )
    relist_journal_s: float = Field(
        1800.0,
        ge=1,
        description="The same where the journal is on: they make good what it told late or not at all.",
    )
    relist_hours: float = Field(
        1.0, gt=0, description="How far back from the newest order a reconciliation reads, in hours."
    )
    watch_s: float = Field(
        30.0, ge=1, description="Seconds between listings of the watched statuses where there is no journal."
    )
    watch_days: float = Field(
        30.0,
        gt=0,
        description="Orders made longer ago are left out when watched statuses are listed; the journal still names them.",
    )
    pages_per_look: int = Field(
        20,
        ge=1,
        description="Pages of 100 orders that one look reads in a reconciliation; the next look goes on.",
    )
    import_from: str = Field(
        "", description="ISO date and time from which orders are taken; empty: from the first start."
    )
    unconfirmed: bool = Field(
        True,
        description="Whether orders are shown whose buyer has not confirmed them yet; no documents are made for them.",
    )
    extra_fields: bool = Field(True, description="Whether the custom extra fields of orders are read.")
    default_currency: str = Field("PLN", description="For orders that come without a currency.")
    status_linger_s: float = Field(
        0.05, ge=0, le=10, description="How long a status change waits for others to share its call."
    )
    marker_field: Literal["admin_comments", "extra_field_1", "extra_field_2"] = Field(
        "admin_comments", description="Field of a placed order in which our reference stands."
    )
    custom_source_id: int = Field(
        0,
        ge=0,
        description="Own order source for orders placed from the ERP; 0 is the account's default one. One of its own "
        "keeps the search for a placed order short.",
    )
    placed_from: str = Field(
        "",
        description="ISO date before which Pomost placed no order: the search for a placed order begins there. Empty: it "
        "goes through all orders of the source.",
    )
    timeout_s: float = Field(30.0, gt=0, description="Seconds to wait for an answer.")
    connect_timeout_s: float = Field(10.0, gt=0, description="Seconds to wait for a connection.")
    blocked_zone: str = Field(
        "Europe/Warsaw", description="Time zone of the time until which BaseLinker says a token is blocked."
    )
    blocked_minutes: float = Field(
        11.0, gt=0, le=120, description="Pause after a block whose end BaseLinker does not name, in minutes."
    )
    status_orders: int = Field(
        100, ge=1, le=1000, description="Orders in one status call; BaseLinker documents no limit."
    )
    amounts: Literal["text", "number"] = Field(
        "text", description='How amounts are sent: "54.99" or 54.99; BaseLinker\'s examples have both.'
    )

    @field_validator("blocked_zone")
    @classmethod
    def known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("write the name of a time zone, as Europe/Warsaw") from error
        return zone

    _moments = field_validator("import_from", "placed_from")(checked_moment)


class Rates(Part):
    """Where exchange rates come from."""

    source: Literal["nbp", "fixed"] = Field(
        "nbp", description="nbp: table A of the National Bank of Poland; fixed: the rates below."
    )
    url: str = Field(
        "https://api.nbp.pl/api", description="Address of the rates of the National Bank of Poland."
    )
    fixed: dict[str, Decimal] = Field(
        default_factory=dict, description="Currency -> PLN for one unit, with source = fixed."
    )

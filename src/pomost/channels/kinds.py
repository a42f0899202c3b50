"""What the house must know of a kind of channel. Each kind has one module beside this one, which says all of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pomost.config.load import Problem
from pomost.config.model import Config
from pomost.engine.limiter import AccountLimiter
from pomost.ports import Json
from pomost.ports.account import ChannelAccount
from pomost.ports.carrier import Carrier

WARSAW = ZoneInfo("Europe/Warsaw")

Known = Callable[[datetime], Mapping[str, str]]
"""Which orders, or returns, of a channel there are since a moment: id -> what is known of it."""

Taken = Callable[[Collection[str]], Mapping[str, Json]]
"""Which of some orders of a channel something was made for, in their raw form."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a connection is given besides its settings.

    ``orders_awaited``, ``returns_awaited``: statuses that flows wait for. ``sells_straight``: a flow sells straight from the payment, so that no
    form of payment may be offered that nobody confirms. ``hooks_url``: where the channel sends its webhooks to, "" where it
    can't reach us.
    """

    limiter: AccountLimiter
    clock: Callable[[], datetime]
    orders_awaited: tuple[str, ...]
    returns_awaited: tuple[str, ...]
    sells_straight: bool
    hooks_url: str
    known_orders: Known
    known_returns: Known
    taken: Taken


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """A service that the channel's orders hold without a product of theirs."""

    sku: str
    name: str


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A kind of channel. An account is the model of its table in the configuration.

    ``name``: that table. ``capabilities``: what channels of this kind can do, known before one is built. ``build``: the connection, with
    nothing called yet. ``couriers``: the carrier that an account is besides, where it is one. ``service_items``: services that an account's
    orders need in the ERP. ``problems``: what is wrong with an account of the configuration, told before anything runs; its place in the
    table is given.
    """

    name: str
    capabilities: frozenset[str]
    build: Callable[[Any, Around], ChannelAccount]
    couriers: Callable[[ChannelAccount, Callable[[], datetime]], Carrier] | None = None
    service_items: Callable[[Any], Sequence[ServiceItem]] = lambda account: ()
    problems: Callable[[Config, Any, str], Sequence[Problem]] = lambda config, account, place: ()


def moment_of(text: str) -> datetime | None:
    """An ISO date or date and time of the configuration; without a zone it is Polish time."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=WARSAW)

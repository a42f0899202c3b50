"""The sales channels of a configuration. A further kind of channel is its folder of connectors, its table in the configuration,
and its module here, named in ``KINDS``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from pomost.channels import baselinker, woocommerce
from pomost.channels.kinds import WARSAW, Around, ChannelKind, Known, ServiceItem, Taken, moment_of
from pomost.config.flow import Flow
from pomost.config.model import Account, Config
from pomost.engine.limiter import AccountLimiter
from pomost.flows.straight import refuses_unconfirmed
from pomost.flows.undoing import can_undo
from pomost.ports import NeedsPerson
from pomost.ports.account import ChannelAccount
from pomost.ports.carrier import Carrier
from pomost.store.store import Store

__all__ = [
    "KINDS",
    "WARSAW",
    "ServiceItem",
    "accounts",
    "channel_of",
    "channels_of",
    "couriers_of",
    "kind_of",
    "limiter_of",
    "limiters_of",
    "moment_of",
    "service_items",
    "watched_statuses",
    "with_couriers",
]

KINDS: Mapping[str, ChannelKind] = {one.name: one for one in (baselinker.KIND, woocommerce.KIND)}


def accounts(config: Config) -> dict[str, Account]:
    """Every connection to a sales channel, by name, as configured."""
    return {account.name: account for account in config.accounts}


def kind_of(config: Config, name: str) -> str:
    """The table of the configuration in which a channel stands; "" where there is none of this name."""
    return next((account.kind for account in config.accounts if account.name == name), "")


def limiters_of(config: Config, store: Store) -> dict[str, AccountLimiter]:
    """The one door to each account."""
    return {account.name: limiter_of(account, store) for account in config.accounts}


def limiter_of(account: Account, store: Store) -> AccountLimiter:
    return AccountLimiter(store.limits, account.name, account.calls_per_minute)


def channels_of(
    config: Config,
    limiters: Mapping[str, AccountLimiter],
    flows: Mapping[str, Flow],
    now: Callable[[], float],
    store: Store,
) -> dict[str, ChannelAccount]:
    return {name: channel_of(config, name, limiter, flows, now, store) for name, limiter in limiters.items()}


def channel_of(
    config: Config,
    name: str,
    limiter: AccountLimiter,
    flows: Mapping[str, Flow],
    now: Callable[[], float],
    store: Store | None = None,
) -> ChannelAccount:
    """The channel of one account; nothing is called yet. Raises NeedsPerson for a name that is none."""
    account = accounts(config).get(name)
    if account is None:
        raise NeedsPerson(
            "config.unknown-source",
            f'there is no connection "{name}"',
            f"Connections: {', '.join(accounts(config))}.",
        )
    public = config.panel.public_url
    return KINDS[account.kind].build(
        account,
        Around(
            limiter=limiter,
            clock=_clock(now),
            orders_awaited=tuple(sorted(watched_statuses(name, flows))),
            returns_awaited=tuple(sorted(watched_statuses(name, flows, "return"))),
            sells_straight=any(refuses_unconfirmed(flow) for flow in flows.values() if flow.source == name),
            hooks_url=f"{public}/hooks/{account.kind}/{name}" if public else "",
            known_orders=_known(store, name),
            known_returns=_known(store, f"{name}.returns", "return"),
            taken=_taken(store, name, flows),
        ),
    )


def with_couriers(config: Config) -> Iterator[str]:
    """Connections that are carriers besides, for the orders that come from there."""
    return (account.name for account in config.accounts if KINDS[account.kind].couriers is not None)


def couriers_of(
    config: Config, channels: Mapping[str, ChannelAccount], now: Callable[[], float]
) -> dict[str, Carrier]:
    """The carriers that channels are, under the channels' own names."""
    kinds = {name: KINDS[account.kind] for name, account in accounts(config).items()}
    return {
        name: couriers(channel, _clock(now))
        for name, channel in channels.items()
        if (couriers := kinds[name].couriers) is not None
    }


def service_items(config: Config, channel: str) -> list[ServiceItem]:
    """Services that the orders of a channel need in the ERP."""
    account = accounts(config).get(channel)
    return [] if account is None else list(KINDS[account.kind].service_items(account))


def _clock(now: Callable[[], float]) -> Callable[[], datetime]:
    return lambda: datetime.fromtimestamp(now(), UTC)


def _known(store: Store | None, name: str, kind: str = "order") -> Known:
    """Which orders (or returns) of a channel there are since a moment; nothing where there is no store to ask."""
    if store is None:
        return lambda since: {}
    return lambda since: store.lists.known(name, since.timestamp(), kind)


def _taken(store: Store | None, name: str, flows: Mapping[str, Flow]) -> Taken:
    if store is None:
        return lambda ids: {}
    companies = sorted({flow.company for flow in flows.values() if flow.source == name})
    return lambda ids: store.lists.taken(companies, name, ids)


def watched_statuses(channel: str, flows: Mapping[str, Flow], kind: str = "order") -> set[str]:
    """Statuses of orders, or of returns, that the flows of a channel wait for: those their conditions compare with."""
    found: set[str] = set()
    for flow in flows.values():
        if channel not in (flow.source, flow.channel) or flow.kind != kind:
            continue
        undone = flow.cancelled if can_undo(flow) else ""
        for text in (flow.take, undone, *(step.when for step in flow.step)):
            if "status" in text:
                found.update(re.findall(r'"([^"]+)"', text))
    return found

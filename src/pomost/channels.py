"""The sales channels of a configuration. A further kind of channel is its folder of connectors, its model in the configuration, and
one function here."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pomost.config.connections import BaseLinker
from pomost.config.flow import Flow
from pomost.config.model import Account, Config
from pomost.config.woocommerce import WooCommerce
from pomost.connectors.baselinker import BaseLinkerChannel
from pomost.connectors.baselinker import Settings as BaseLinkerSettings
from pomost.connectors.woocommerce import Settings as WooCommerceSettings
from pomost.connectors.woocommerce import WooCommerceChannel
from pomost.engine.crew import resting
from pomost.engine.limiter import AccountLimiter
from pomost.flows.straight import refuses_unconfirmed
from pomost.flows.undoing import can_undo
from pomost.ports import Json, NeedsPerson
from pomost.ports.account import ChannelAccount
from pomost.store.store import Store

WARSAW = ZoneInfo("Europe/Warsaw")


@dataclass(frozen=True, slots=True)
class Awaited:
    """Statuses that flows wait for: of orders and of returns."""

    orders: tuple[str, ...]
    returns: tuple[str, ...]


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
    awaited = Awaited(
        tuple(sorted(watched_statuses(name, flows))), tuple(sorted(watched_statuses(name, flows, "return")))
    )

    def clock() -> datetime:
        return datetime.fromtimestamp(now(), UTC)

    if isinstance(account, BaseLinker):
        return BaseLinkerChannel(_baselinker(account, awaited), limiter, clock, resting)
    if isinstance(account, WooCommerce):
        refuses = any(refuses_unconfirmed(flow) for flow in flows.values() if flow.source == name)
        webhook_url = f"{config.panel.public_url}/hooks/woocommerce/{name}" if config.panel.public_url else ""
        return WooCommerceChannel(
            _woocommerce(account, webhook_url, refuses),
            limiter,
            clock,
            _known(store, name),
            _known(store, f"{name}.returns", "return"),
            _taken(store, name, flows),
        )
    raise NeedsPerson(
        "config.unknown-source",
        f'there is no connection "{name}"',
        f"Connections: {', '.join(accounts(config))}.",
    )


def _baselinker(asked: BaseLinker, awaited: Awaited) -> BaseLinkerSettings:
    return BaseLinkerSettings(
        name=asked.name,
        token=asked.token,
        url=asked.url,
        watched_statuses=awaited.orders,
        watched_return_statuses=awaited.returns,
        import_from=moment_of(asked.import_from) or "now",
        journal=asked.journal,
        unconfirmed=asked.unconfirmed,
        default_currency=asked.default_currency,
        include_custom_extra_fields=asked.extra_fields,
        bulk_every_s=asked.bulk_s,
        relist_every_s=asked.relist_s,
        relist_journal_s=asked.relist_journal_s,
        relist_hours=asked.relist_hours,
        watch_every_s=asked.watch_s,
        watch_days=asked.watch_days,
        pages_per_look=asked.pages_per_look,
        status_linger_s=asked.status_linger_s,
        marker_field=asked.marker_field,
        custom_source_id=asked.custom_source_id,
        placed_from=moment_of(asked.placed_from),
        timeout_s=asked.timeout_s,
        connect_timeout_s=asked.connect_timeout_s,
        blocked_zone=asked.blocked_zone,
        blocked_minutes=asked.blocked_minutes,
        status_orders=asked.status_orders,
        amounts=asked.amounts,
    )


def _woocommerce(asked: WooCommerce, webhook_url: str, refuses: bool) -> WooCommerceSettings:
    return WooCommerceSettings(
        name=asked.name,
        url=asked.url,
        key=asked.key,
        secret=asked.secret,
        sign_in=asked.sign_in,
        concurrent=asked.concurrent,
        overlap_s=asked.overlap_s,
        compare_every_s=asked.compare_s,
        compare_days=asked.compare_days,
        import_from=moment_of(asked.import_from) or "now",
        statuses=asked.statuses,
        nip_keys=asked.nip_keys,
        customer_tax_number=asked.customer_tax_number,
        invoice_keys=asked.invoice_keys,
        point_keys=asked.point_keys,
        ean_keys=asked.ean_keys,
        cod_methods=asked.cod_methods,
        unconfirmed_methods=asked.unconfirmed_methods,
        refuses_unconfirmed=refuses,
        tax_classes=dict(asked.tax_classes),
        exempt_rate=asked.exempt_rate,
        no_tax_rate=asked.no_tax_rate,
        fee_sku=asked.fee_sku,
        money_refunds=asked.money_refunds,
        zone=asked.zone,
        batch=asked.batch,
        webhooks=asked.webhooks,
        webhook_secret=asked.webhook_secret,
        webhook_url=webhook_url,
        webhook_late_s=asked.webhook_late_s,
        marker=asked.marker,
        note_fields=asked.note_fields,
        buyer_note_fields=asked.buyer_note_fields,
        timeout_s=asked.timeout_s,
        batch_timeout_s=asked.batch_timeout_s,
        connect_timeout_s=asked.connect_timeout_s,
    )


def _known(store: Store | None, name: str, kind: str = "order") -> Callable[[datetime], Mapping[str, str]]:
    """Which orders (or returns) of a channel there are since a moment; nothing where there is no store to ask."""
    if store is None:
        return lambda since: {}
    return lambda since: store.lists.known(name, since.timestamp(), kind)


def _taken(
    store: Store | None, name: str, flows: Mapping[str, Flow]
) -> Callable[[Collection[str]], Mapping[str, Json]]:
    """Which of some orders of a channel something was made for, in their raw form."""
    if store is None:
        return lambda ids: {}
    companies = sorted({flow.company for flow in flows.values() if flow.source == name})
    return lambda ids: store.lists.taken(companies, name, ids)


def moment_of(text: str) -> datetime | None:
    """An ISO date or date and time of the configuration; without a zone it is Polish time."""
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=WARSAW)


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

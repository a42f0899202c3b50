"""BaseLinker accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pomost.channels.kinds import Around, ChannelKind, moment_of
from pomost.config.connections import BaseLinker
from pomost.connectors.baselinker import BaseLinkerChannel, Settings
from pomost.connectors.baselinker.connector import CAPABILITIES
from pomost.connectors.baselinker.shipping import BaseLinkerShipping
from pomost.engine.crew import resting
from pomost.ports.account import ChannelAccount
from pomost.ports.carrier import Carrier


def _build(account: BaseLinker, around: Around) -> ChannelAccount:
    return BaseLinkerChannel(_settings(account, around), around.limiter, around.clock, resting)


def _couriers(channel: ChannelAccount, clock: Callable[[], datetime]) -> Carrier:
    assert isinstance(channel, BaseLinkerChannel)
    return BaseLinkerShipping(channel.client, name=channel.settings.name, clock=clock)


def _settings(asked: BaseLinker, around: Around) -> Settings:
    return Settings(
        name=asked.name,
        token=asked.token,
        url=asked.url,
        watched_statuses=around.orders_awaited,
        watched_return_statuses=around.returns_awaited,
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


KIND = ChannelKind("baselinker", CAPABILITIES, _build, couriers=_couriers)

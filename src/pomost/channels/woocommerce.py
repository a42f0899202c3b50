"""WooCommerce shops."""

from __future__ import annotations

from pomost.channels.kinds import Around, ChannelKind, ServiceItem, moment_of
from pomost.config.load import Problem
from pomost.config.model import Config
from pomost.config.woocommerce import WooCommerce
from pomost.connectors.woocommerce import Settings, WooCommerceChannel
from pomost.connectors.woocommerce.connector import CAPABILITIES
from pomost.ports.account import ChannelAccount


def _build(account: WooCommerce, around: Around) -> ChannelAccount:
    return WooCommerceChannel(
        _settings(account, around),
        around.limiter,
        around.clock,
        around.known_orders,
        around.known_returns,
        around.taken,
    )


def _service_items(account: WooCommerce) -> list[ServiceItem]:
    """Fees of an order have no product in a shop."""
    return [ServiceItem(account.fee_sku, account.fee_name)]


def _problems(config: Config, account: WooCommerce, place: str) -> list[Problem]:
    """Webhooks that are wanted and can't work."""
    if not account.webhooks:
        return []
    return [
        Problem(
            "woocommerce.webhooks-unset",
            f"{place}.webhooks",
            0,
            f'the webhooks of "{account.name}" have no {what}',
            "Set webhook_secret of the connection, and panel.public_url to the address at which the shop reaches Pomost.",
        )
        for what, given in (
            ("webhook_secret", account.webhook_secret),
            ("public_url", config.panel.public_url),
        )
        if not given
    ]


def _settings(asked: WooCommerce, around: Around) -> Settings:
    return Settings(
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
        refuses_unconfirmed=around.sells_straight,
        tax_classes=dict(asked.tax_classes),
        exempt_rate=asked.exempt_rate,
        no_tax_rate=asked.no_tax_rate,
        fee_sku=asked.fee_sku,
        money_refunds=asked.money_refunds,
        zone=asked.zone,
        batch=asked.batch,
        webhooks=asked.webhooks,
        webhook_secret=asked.webhook_secret,
        webhook_url=around.hooks_url,
        webhook_late_s=asked.webhook_late_s,
        marker=asked.marker,
        note_fields=asked.note_fields,
        buyer_note_fields=asked.buyer_note_fields,
        timeout_s=asked.timeout_s,
        batch_timeout_s=asked.batch_timeout_s,
        connect_timeout_s=asked.connect_timeout_s,
    )


KIND = ChannelKind("woocommerce", CAPABILITIES, _build, service_items=_service_items, problems=_problems)

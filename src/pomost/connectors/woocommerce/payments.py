"""The forms of payment that a shop offers, and those among them that no operator confirms."""

from __future__ import annotations

from dataclasses import dataclass

from pomost.connectors.values import as_flag, as_list, as_text
from pomost.connectors.woocommerce.client import WooCommerceClient
from pomost.connectors.woocommerce.settings import Settings
from pomost.ports import NeedsPerson, Priority


@dataclass(frozen=True, slots=True)
class Gateway:
    """A form of payment that buyers can choose: its code, as orders carry it, and its title."""

    id: str
    title: str


def active(client: WooCommerceClient) -> tuple[Gateway, ...]:
    """Those that are switched on now. Raises what calls raise."""
    rows = as_list(client.get("payment_gateways", priority=Priority.CHECKS))
    return tuple(
        Gateway(as_text(row.get("id")), as_text(row.get("title")))
        for row in rows
        if isinstance(row, dict) and as_flag(row.get("enabled"))
    )


def unconfirmed(client: WooCommerceClient, settings: Settings) -> list[NeedsPerson]:
    """A refusal for each form of payment that is switched on, that no operator confirms, while a flow sells straight from the
    payment; none where no flow does."""
    if not settings.refuses_unconfirmed:
        return []
    return [
        NeedsPerson(
            "woocommerce.unconfirmed-payment",
            f'The shop "{settings.name}" offers "{one.title or one.id}" ({one.id}), which no operator confirms, and a flow sells '
            "straight from the payment.",
            "Switch it off in the shop, choose a flow with RO, or set rules.unconfirmed_payment of the flow; its orders wait for a person.",
            method=one.id,
        )
        for one in active(client)
        if one.id in settings.unconfirmed_methods
    ]

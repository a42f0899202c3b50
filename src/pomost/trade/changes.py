"""Whether an order is still what its documents were made from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pomost.trade.order import Address, Order, Party


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs: ``what`` is lines, currency, buyer, delivery or delivery-price; texts name no person."""

    what: str
    before: str
    after: str


def _party(party: Party) -> str:
    return "\x1f".join((party.name, party.company, party.tax_id, _address(party.address)))


def _address(address: Address) -> str:
    return "\x1f".join((address.street, address.postcode, address.city, address.country))


def _parts(order: Order) -> dict[str, str]:
    lines = "\x1e".join(
        "\x1f".join(
            (
                line.sku,
                line.name,
                format(line.quantity.normalize(), "f"),
                format(line.price.normalize(), "f"),
                line.vat.code,
            )
        )
        for line in order.lines
    )
    delivery = order.delivery
    point = delivery.point.code if delivery.point else ""
    return {
        "lines": lines,
        "currency": f"{order.currency} {order.basis}",
        "buyer": _party(order.buyer) + f"\x1f{order.wants_invoice}",
        "delivery": f"{delivery.method}\x1f{point}\x1f{_party(delivery.to)}",
        "delivery-price": format(delivery.price.normalize(), "f"),
    }


def content_print(order: Order) -> str:
    """A stable print of what documents depend on; status, payments and comments do not change it."""
    text = "\x1d".join(_parts(order).values())
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def compare_orders(before: Order, after: Order) -> tuple[Change, ...]:
    """What differs between two readings of an order, as far as documents depend on it."""
    old, new = _parts(before), _parts(after)
    return tuple(
        Change(what, _shown(what, before), _shown(what, after)) for what in old if old[what] != new[what]
    )


def _shown(what: str, order: Order) -> str:
    if what == "lines":
        return f"{len(order.lines)} lines, {order.total} {order.currency}"
    if what == "currency":
        return f"{order.currency} {order.basis}"
    if what == "delivery-price":
        return str(order.delivery.price)
    return "changed"

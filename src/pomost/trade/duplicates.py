"""What makes two orders the same purchase: prints that are equal when the purchases may be one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pomost.trade.money import EXACT
from pomost.trade.order import Order, Party

Likeness = Literal["external", "buyer+total+lines"]

_PHONE_DIGITS = 9
"""Of a telephone number as many are compared: a country code may stand before it or not."""
_FEWEST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Print:
    """``digest``: 64 hexadecimal digits, equal for orders that are alike; it tells nothing about the buyer."""

    by: Likeness
    digest: str


def purchase_prints(order: Order, by: Collection[Likeness]) -> tuple[Print, ...]:
    """By what the order is compared with others: none where it has neither a marketplace id nor a way to reach its buyer.

    ``external``: the id that the order has at its source (marketplace, shop). ``buyer+total+lines``: the same e-mail
    address or the same telephone number, the same lines (SKU, quantity, price; names where there is no SKU), currency
    and total. Upper case, spaces, the order of lines and a country code do not matter, nor does what was paid.
    """
    found: list[Print] = []
    if "external" in by and order.external_id.strip():
        found.append(Print("external", _digest("external", order.source, order.external_id.strip())))
    if "buyer+total+lines" in by:
        lines = sorted(
            [line.sku.strip() or line.name.strip().casefold(), _plain(line.quantity), _plain(line.price)]
            for line in order.lines
        )
        bought = [order.currency, _plain(order.total), lines]
        found += [
            Print("buyer+total+lines", _digest("buyer", contact, bought)) for contact in contacts(order.buyer)
        ]
    return tuple(found)


def contacts(buyer: Party) -> tuple[str, ...]:
    """The ways to reach the buyer, written alike."""
    email = buyer.email.strip().casefold()
    digits = "".join(digit for digit in buyer.phone if digit in "0123456789")
    phone = digits[-_PHONE_DIGITS:] if len(digits) >= _FEWEST_DIGITS else ""
    return tuple(contact for contact in (email, phone) if contact)


def _plain(number: Decimal) -> str:
    return format(EXACT.plus(number.normalize(EXACT)), "f")


def _digest(*parts: object) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()

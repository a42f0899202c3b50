"""What became different in an order since it was last seen, and whether its documents depend on that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pomost.trade.money import EXACT
from pomost.trade.order import Order, OrderLine, Party

What = Literal[
    "lines",
    "prices",
    "vat",
    "currency",
    "buyer",
    "invoice",
    "delivery",
    "payment",
    "status",
    "comments",
]

CONTENT: frozenset[What] = frozenset({"lines", "prices", "vat", "currency", "buyer", "invoice", "delivery"})
"""The changes that documents depend on: ``content_print`` differs exactly when one of these is found."""

_SHOWN_LINES = 5


@dataclass(frozen=True, slots=True)
class Change:
    """``before`` and ``after`` are short texts for people, without personal data: of names, addresses, numbers and
    comments they only say whether they were given, and that they are other than before."""

    what: What
    before: str
    after: str


def compare_orders(before: Order, after: Order) -> tuple[Change, ...]:
    """Differences in the order of ``What``, at most one of each; empty when nothing that matters is different.

    Ids of lines do not matter: a channel may give new ones to the same lines.
    """
    changes = (
        _lines(before, after),
        _of_lines("prices", before, after, lambda line: _plain(line.price)),
        _of_lines("vat", before, after, lambda line: line.vat.code),
        _texts("currency", _currency(before), _currency(after)),
        _parties("buyer", before.buyer, after.buyer),
        _texts("invoice", _wanted(before.wants_invoice), _wanted(after.wants_invoice)),
        _delivery(before, after),
        _texts("payment", _payment(before), _payment(after)),
        _texts("status", _status(before), _status(after)),
        _private(
            "comments",
            {"comments": before.comments, "seller comments": before.seller_comments},
            {"comments": after.comments, "seller comments": after.seller_comments},
        ),
    )
    return tuple(change for change in changes if change)


def content_print(order: Order) -> str:
    """64 hexadecimal digits that stay the same as long as what documents depend on does.

    Depends on lines, prices, rates, currency, buyer, the wish for an invoice and delivery; not on ids, status, payment
    or comments, nor on how a number is written (2 and 2.00 are one). The same in every process and release: documents
    are kept with it.
    """
    content = {
        "lines": [
            [
                *_goods(line),
                _plain(line.price),
                line.vat.code,
                *([_plain(line.cheaper)] if line.cheaper else []),
            ]
            for line in order.lines
        ],
        "currency": _currency(order),
        "buyer": _fields(order.buyer),
        "invoice": order.wants_invoice,
        "delivery": [_delivery_terms(order), _delivery_places(order)],
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(number: Decimal) -> str:
    """One text for equal numbers."""
    return format(EXACT.plus(number.normalize(EXACT)), "f")


def _goods(line: OrderLine) -> list[str]:
    return [line.sku, line.name, _plain(line.quantity), line.unit, line.attributes, line.warehouse]


def _lines(before: Order, after: Order) -> Change | None:
    old, new = [[_goods(line) for line in order.lines] for order in (before, after)]
    if old == new:
        return None
    old_text, new_text = _listed(map(_amount, before.lines)), _listed(map(_amount, after.lines))
    if old_text == new_text:
        new_text += " (other name, attributes or warehouse)"
    return Change("lines", old_text, new_text)


def _amount(line: OrderLine) -> str:
    return f"{_plain(line.quantity)} {line.unit} {line.sku or '(no SKU)'}"


def _of_lines(what: What, before: Order, after: Order, value: Callable[[OrderLine], str]) -> Change | None:
    """A change of a value in lines that stand in both orders."""
    if [_goods(line) for line in before.lines] == [_goods(line) for line in after.lines]:
        pairs = list(zip(before.lines, after.lines, strict=True))
    else:
        by_id = {line.id: line for line in before.lines}
        pairs = [(by_id[line.id], line) for line in after.lines if line.id in by_id]
    changed = [(old, new) for old, new in pairs if value(old) != value(new)]
    if not changed:
        return None
    return Change(
        what,
        _listed(f"{old.sku or '(no SKU)'} {value(old)}" for old, _ in changed),
        _listed(f"{new.sku or '(no SKU)'} {value(new)}" for _, new in changed),
    )


def _listed(texts: Iterable[str]) -> str:
    shown = list(texts)
    more = len(shown) - _SHOWN_LINES
    return ", ".join(shown[:_SHOWN_LINES]) + (f" and {more} more" if more > 0 else "") or "nothing"


def _texts(what: What, before: str, after: str) -> Change | None:
    return None if before == after else Change(what, before, after)


def _currency(order: Order) -> str:
    return f"{order.currency}, prices {order.basis}"


def _wanted(wish: bool) -> str:
    return "wanted" if wish else "not wanted"


def _status(order: Order) -> str:
    return f"{order.status}, {'confirmed' if order.confirmed else 'not confirmed'}"


def _payment(order: Order) -> str:
    payment = order.payment
    on_delivery = ", cash on delivery" if payment.cash_on_delivery else ""
    return f"{payment.method or 'no method'}, paid {_plain(payment.paid)}{on_delivery}"


def _fields(party: Party) -> dict[str, str]:
    address = party.address
    return {
        "name": party.name,
        "company": party.company,
        "tax id": party.tax_id,
        "email": party.email,
        "phone": party.phone,
        "street": address.street,
        "postcode": address.postcode,
        "city": address.city,
        "state": address.state,
        "country": address.country,
    }


def _parties(what: What, before: Party, after: Party) -> Change | None:
    return _private(what, _fields(before), _fields(after))


def _private(what: What, before: dict[str, str], after: dict[str, str]) -> Change | None:
    changed = [name for name in before if before[name] != after[name]]
    if not changed:
        return None
    return Change(
        what,
        ", ".join(f"{name} {'given' if before[name] else 'empty'}" for name in changed),
        ", ".join(f"{name} {_became(before[name], after[name])}" for name in changed),
    )


def _became(before: str, after: str) -> str:
    if not after:
        return "empty"
    return "other" if before else "given"


def _delivery_terms(order: Order) -> str:
    delivery = order.delivery
    rate = f", VAT {delivery.vat.code}" if delivery.vat else ""
    return f"{delivery.method or 'no method'}, {_plain(delivery.price)}{rate}"


def _delivery_places(order: Order) -> dict[str, str]:
    point = order.delivery.point
    places = _fields(order.delivery.to)
    places["pickup point"] = (
        "\n".join((point.code, point.name, *_fields(Party(address=point.address)).values())) if point else ""
    )
    return places


def _delivery(before: Order, after: Order) -> Change | None:
    old, new = _delivery_terms(before), _delivery_terms(after)
    places = _private("delivery", _delivery_places(before), _delivery_places(after))
    if old == new:
        return places
    if places is None:
        return Change("delivery", old, new)
    return Change("delivery", f"{old}; {places.before}", f"{new}; {places.after}")

"""What conditions and texts of a flow may ask about: the order and the documents made so far."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pomost.flows.shipments import shipments_of
from pomost.ports import Json, NeedsPerson
from pomost.store.steps import StepRecord
from pomost.trade.order import Order


def condition_facts(
    order: Order, status: str, done: Mapping[str, StepRecord], ships: Iterable[str] = ()
) -> Json:
    """Names for CEL. Amounts are doubles here, good for comparing, never for counting. ``ships``: the steps that order
    shipments, done or not."""
    sent = shipments_of(done)
    return {
        "order": _order(order, status),
        "docs": {**documents_of(done), **receipts_of(done), **sent},
        "ships": {**shipments_of({}, ships), **sent},
    }


RECEIPT = ("receipt", "printer", "printed_at", "link")


def receipts_of(done: Mapping[str, StepRecord]) -> Json:
    """Steps that print, by id: what is known of their receipts, those of a partial document joined; empty texts where
    none was needed."""
    found: Json = {}
    for name, record in done.items():
        if record.state != "done" or not {"receipt", "left_out"} & record.result.keys():
            continue
        texts = {one: str(record.result.get(one, "")) for one in RECEIPT}
        known = found.setdefault(name.split("#")[0], texts)
        if known is not texts:
            known.update({one: ", ".join(filter(None, (known[one], texts[one]))) for one in RECEIPT})
    return found


def documents_of(done: Mapping[str, StepRecord]) -> Json:
    """Document steps by id; the parts of a partial document are joined, amendments replace what they amend."""
    docs: Json = {}
    for name, record in done.items():
        if record.state != "done" or "number" not in record.result:
            continue
        step = name.split("#")[0].split("~")[0]
        known = docs.get(step)
        if known is not None and "#" in name:
            known["number"] = f"{known['number']}, {record.result['number']}"
            known["total"] += float(record.result.get("gross", 0))
            known["rest"] = bool(record.result.get("rest"))
            if record.result.get("refund"):
                known["refund"] = str(Decimal(known["refund"] or 0) + Decimal(record.result["refund"]))
        else:
            docs[step] = {
                "number": record.result["number"],
                "kind": record.result.get("kind", ""),
                "total": float(record.result.get("gross", 0)),
                "state": record.result.get("state", ""),
                "rest": bool(record.result.get("rest")),
                "refund": record.result.get("refund", ""),
                "correction": record.result.get("correction", ""),
            }
    return docs


def _order(order: Order, status: str) -> Json:
    return {
        "id": order.id,
        "number": order.number,
        "source": order.source,
        "status": status,
        "confirmed": order.confirmed,
        "currency": order.currency,
        "total": float(order.total),
        "paid": float(order.payment.paid),
        "is_paid": order.is_paid,
        "payment_method": order.payment.method,
        "cash_on_delivery": order.payment.cash_on_delivery,
        "delivery_method": order.delivery.method,
        "delivery_country": order.delivery.to.address.country,
        "point": order.delivery.point.code if order.delivery.point else "",
        "wants_invoice": order.wants_invoice,
        "tax_id": order.buyer.tax_id,
        "company": order.buyer.company,
        "country": order.buyer.address.country,
        "comments": order.comments,
        "seller_comments": order.seller_comments,
        "extra": dict(order.extra),
        "of_order": order.of_order,
        "lines": [
            {
                "sku": line.sku,
                "name": line.name,
                "quantity": float(line.quantity),
                "price": float(line.price),
                "vat": line.vat.code,
                "reason": line.reason,
            }
            for line in order.lines
        ],
    }


_PLACE = re.compile(r"\{([a-z][a-z0-9_-]*)\.([a-z_]+)\}")


def fill(text: str, order: Order, status: str, done: Mapping[str, StepRecord]) -> str:
    """``text`` with {sale.number}, {order.number} ... filled in; raises NeedsPerson for a name that is not there."""
    docs = {**documents_of(done), **receipts_of(done), **shipments_of(done)}
    order_facts = _order(order, status)

    def value(match: re.Match[str]) -> str:
        who, what = match.groups()
        found: Any = order_facts if who == "order" else docs.get(who)
        if found is None and who in done and done[who].state == "skipped":
            return ""
        if found is None or what not in found:
            known = ", ".join(["order", *docs])
            raise NeedsPerson(
                "flow.unknown-name", f'"{match.group(0)}" in "{text}" is not known.', f"Known names: {known}."
            )
        return str(found[what])

    return _PLACE.sub(value, text)

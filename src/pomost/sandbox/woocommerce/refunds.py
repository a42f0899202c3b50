"""``/orders/<id>/refunds`` and ``/refunds`` (section 5.8)."""

from decimal import Decimal
from typing import Any

from pomost.sandbox.woocommerce import listing, money, order_flow, order_lines, order_view, stocking
from pomost.sandbox.woocommerce.money import ZERO
from pomost.sandbox.woocommerce.orders import find as find_order
from pomost.sandbox.woocommerce.orders import places
from pomost.sandbox.woocommerce.protocol import Answer, Json, Refusal, Request, truth, wrong_value
from pomost.sandbox.woocommerce.state import Store, write_meta

CODE = "woocommerce_rest_cannot_create_order_refund"


def _find(store: Store, order_id: int, number: int) -> Json:
    refund = store.refunds.get(number)
    if refund is None or refund["order_id"] != order_id:
        raise Refusal(404, "woocommerce_rest_shop_order_refund_invalid_id", "Invalid ID.")
    return refund


def listed(store: Store, request: Request, order_id: int) -> Answer:
    order = find_order(store, order_id)
    return _page(store, request, [store.refunds[one] for one in order["refunds"]], over_all=False)


def all_listed(store: Store, request: Request) -> Answer:
    return _page(store, request, list(store.refunds.values()), over_all=True)


def _page(store: Store, request: Request, rows: list[Json], over_all: bool) -> Answer:
    rows = listing.by_dates(store, request, listing.by_ids(request, rows))
    rows = listing.ordered(request, rows)
    return listing.page(
        request, rows, lambda row: order_view.show_refund(store, row, request.base, places(request), over_all)
    )


def read(store: Store, request: Request, order_id: int, number: int) -> Answer:
    find_order(store, order_id)
    return Answer(
        order_view.show_refund(store, _find(store, order_id, number), request.base, places(request))
    )


def _amount(value: Any, name: str) -> Decimal:
    try:
        return money.number(value)
    except ValueError:
        raise wrong_value(name, f"{name} is not an amount.") from None


def _entries(sent: Json) -> list[Json]:
    lines = sent.get("line_items") or []
    if isinstance(lines, dict):
        # The older shape: a map by the id of the line.
        lines = [{"id": key, **value} for key, value in lines.items()]
    return [one for one in lines if isinstance(one, dict) and one.get("id")]


def _copy(store: Store, line: Json, entry: Json) -> Json:
    """The negative twin of a line of the order."""
    quantity = int(entry.get("quantity") or 0)
    total = _amount(entry.get("refund_total") or 0, "refund_total")
    taxes = {}
    for tax in entry.get("refund_tax") or []:
        part = -_amount(tax.get("refund_total") or 0, "refund_tax")
        taxes[int(tax["id"])] = {"total": part, "subtotal": part}
    twin = {key: value for key, value in line.items() if key != "meta"}
    twin |= {
        "id": next(store.items),
        "total": -total,
        "taxes": taxes,
        "meta": [store.item_meta("_refunded_item_id", str(line["id"]))],
    }
    if "quantity" in line:
        twin |= {"quantity": -quantity, "subtotal": -total}
    return twin


def _restock(store: Store, line: Json, pieces: int) -> None:
    product, entry = stocking.product_of(store, line), stocking.reduced(line)
    if product is None or entry is None or not pieces:
        # What took nothing off stock puts nothing back.
        return
    pieces = min(pieces, int(entry["value"]))
    if stocking.move(store, product, pieces):
        entry["value"] = str(int(entry["value"]) - pieces)
        back = next((one for one in line["meta"] if one["key"] == "_restock_refunded_items"), None)
        if back is None:
            line["meta"].append(store.item_meta("_restock_refunded_items", str(pieces)))
        else:
            back["value"] = str(int(back["value"]) + pieces)


def make(store: Store, order: Json, sent: Json) -> Json:
    """Refund by what was sent. ``api_refund`` is true unless said otherwise: the gateway is asked for the money."""
    chosen = []
    for entry in _entries(sent):
        for kind in ("lines", "shipping_lines", "fee_lines"):
            line = next((one for one in order[kind] if str(one["id"]) == str(entry["id"])), None)
            if line is not None:
                chosen.append((kind, line, entry))
    twins = [(kind, _copy(store, line, entry)) for kind, line, entry in chosen]
    if sent.get("amount") not in (None, ""):
        amount = _amount(sent["amount"], "amount")
    else:
        amount = -sum((twin["total"] + money.line_tax(twin, "total") for _, twin in twins), ZERO)
    amount = money.cents(amount)
    if amount <= 0 or amount > order_flow.left_to_refund(store, order):
        raise Refusal(500, CODE, "Invalid refund amount.", bare=True)
    by_gateway = truth(sent.get("api_refund", True))
    if by_gateway and order["payment_method"] not in store.settings.refunding_gateways:
        raise Refusal(
            500, CODE, "The payment gateway for this order does not support automatic refunds.", bare=True
        )
    refund = order_flow.blank_refund(store, order, amount, str(sent.get("reason") or ""))
    for kind, twin in twins:
        refund[kind].append(twin)
    order_lines.total_up(store, refund)
    write_meta(refund["meta"], sent.get("meta_data"), store.meta)
    if by_gateway:
        refund["refunded_payment"] = True
        store.gateway_refunds.append((order["id"], amount))
    if truth(sent.get("api_restock", True)):
        for kind, line, entry in chosen:
            if kind == "lines":
                _restock(store, line, int(entry.get("quantity") or 0))
    store.refunds[refund["id"]] = refund
    order["refunds"].append(refund["id"])
    if order_flow.left_to_refund(store, order) <= 0:
        order_flow.set_status(store, order, "refunded")
    else:
        store.mail("customer_partially_refunded_order", order)
    store.emit("action.woocommerce_order_refunded", order["id"])
    order_flow.saved(store, order)
    return refund


def create(store: Store, request: Request, order_id: int) -> Answer:
    order = find_order(store, order_id)
    refund = make(store, order, request.sent)
    store.wrote("refund", refund["id"], "POST", {"order_id": order_id, **request.sent})
    return Answer(order_view.show_refund(store, refund, request.base, places(request)), 201)


def delete(store: Store, request: Request, order_id: int, number: int) -> Answer:
    """Nothing but comparing tells of it: the order is not saved."""
    order, refund = find_order(store, order_id), _find(store, order_id, number)
    if not truth(request.params.get("force", False)):
        raise Refusal(501, "woocommerce_rest_trash_not_supported", "Refunds do not support trashing.")
    shown = order_view.show_refund(store, refund, request.base)
    order["refunds"].remove(number)
    del store.refunds[number]
    store.wrote("refund", number, "DELETE", {"order_id": order_id})
    return Answer(shown)

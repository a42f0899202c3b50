"""Orders and refunds as the API shows them."""

from decimal import Decimal

from pomost.sandbox.woocommerce import money, times
from pomost.sandbox.woocommerce.money import ZERO, shown, shown_tax, trimmed
from pomost.sandbox.woocommerce.protocol import API, Json, links
from pomost.sandbox.woocommerce.state import Store

SYMBOLS = {"PLN": "zł", "EUR": "€", "USD": "$", "CZK": "Kč", "GBP": "£"}
PLACES = 2
"""Decimals of the shop; a query may wish others by ``dp``."""
UNPAID, EDITABLE = ("pending", "failed"), ("pending", "on-hold", "auto-draft")


def item_meta(entries: list[Json]) -> list[Json]:
    return [
        {
            "id": one["id"],
            "key": one["key"],
            "value": one["value"],
            "display_key": one.get("label", one["key"]),
            "display_value": one["value"],
        }
        for one in entries
    ]


def _taxes(line: Json, subtotals: bool) -> list[Json]:
    return [
        {
            "id": rate,
            "total": trimmed(pair["total"]),
            "subtotal": trimmed(pair["subtotal"]) if subtotals else "",
        }
        for rate, pair in line["taxes"].items()
    ]


def _line(store: Store, order: Json, line: Json, dp: int) -> Json:
    inclusive = order["prices_include_tax"]
    product = store.products.get(line["variation_id"] or line["product_id"])
    quantity = line["quantity"]
    return {
        "id": line["id"],
        "name": line["name"],
        # What was deleted for good is 0, and its SKU is not known any more.
        "product_id": line["product_id"] if line["product_id"] in store.products else 0,
        "variation_id": line["variation_id"] if line["variation_id"] in store.products else 0,
        "quantity": quantity,
        "tax_class": line["tax_class"],
        "subtotal": shown(line["subtotal"], dp),
        "subtotal_tax": shown_tax(money.line_tax(line, "subtotal"), inclusive, dp),
        "total": shown(line["total"], dp),
        "total_tax": shown_tax(money.line_tax(line, "total"), inclusive, dp),
        "taxes": _taxes(line, subtotals=True),
        "meta_data": item_meta(line["meta"]),
        "sku": product["sku"] if product else None,
        "price": _unit(line["total"], quantity),
        "image": {"id": "", "src": ""},
        "parent_name": line["parent_name"],
    }


def _unit(total: Decimal, quantity: int) -> float | int:
    if not quantity:
        return 0
    return _plain(float(total) / quantity)


def _plain(value: Decimal | float) -> float | int:
    """A JSON number as PHP writes it."""
    return int(value) if value == int(value) else float(value)


def _shipping(line: Json, inclusive: bool, dp: int) -> Json:
    return {
        "id": line["id"],
        "method_title": line["method_title"],
        "method_id": line["method_id"],
        "instance_id": line["instance_id"],
        "total": shown(line["total"], dp),
        "total_tax": shown_tax(money.line_tax(line, "total"), inclusive, dp),
        "taxes": _taxes(line, subtotals=False),
        "tax_status": "taxable",
        "meta_data": item_meta(line["meta"]),
    }


def _fee(line: Json, inclusive: bool, dp: int) -> Json:
    return {
        "id": line["id"],
        "name": line["name"],
        "tax_class": line["tax_class"],
        "tax_status": line["tax_status"],
        "amount": "",
        "total": shown(line["total"], dp),
        "total_tax": shown_tax(money.line_tax(line, "total"), inclusive, dp),
        "taxes": _taxes(line, subtotals=False),
        "meta_data": item_meta(line["meta"]),
    }


def _tax_line(line: Json, dp: int) -> Json:
    percent = _plain(Decimal(line["percent"]))
    return {
        "id": line["id"],
        "rate_code": line["code"],
        "rate_id": line["rate_id"],
        "label": line["label"],
        "compound": False,
        "tax_total": shown(line["tax"], dp),
        "shipping_tax_total": shown(line["shipping_tax"], dp),
        "rate_percent": percent,
        "meta_data": [],
    }


def _coupon(line: Json, dp: int) -> Json:
    return {
        "id": line["id"],
        "code": line["code"],
        "discount": shown(line["discount"], dp),
        "discount_tax": shown(line["discount_tax"], dp),
        "meta_data": item_meta(line["meta"]),
        "discount_type": line["discount_type"],
        "nominal_amount": _plain(line["nominal_amount"]),
        "free_shipping": False,
    }


def show(store: Store, order: Json, base: str, dp: int | None = None) -> Json:
    """An order as ``GET /orders/<id>`` answers it."""
    places = PLACES if dp is None else dp
    inclusive, number = order["prices_include_tax"], order["id"]
    sums = order["sums"]
    link: Json = links(base, f"/orders/{number}", "/orders")
    link["email_templates"] = [
        {"embeddable": True, "href": f"{base}/wp-json{API}/orders/{number}/actions/email_templates"}
    ]
    if order["customer_id"]:
        link["customer"] = [{"href": f"{base}/wp-json{API}/customers/{order['customer_id']}"}]
    dates = store.dates(order, "created", "modified", "completed", "paid")
    return {
        "id": number,
        "parent_id": 0,
        "status": order["status"],
        "currency": order["currency"],
        "version": order["version"],
        "prices_include_tax": inclusive,
        "date_created": dates["date_created"],
        "date_modified": dates["date_modified"],
        **{name: shown(sums[name], places) for name in SUMS},
        "customer_id": order["customer_id"],
        "order_key": order["order_key"],
        "billing": dict(order["billing"]),
        "shipping": dict(order["shipping"]),
        "payment_method": order["payment_method"],
        "payment_method_title": order["payment_method_title"],
        "transaction_id": order["transaction_id"],
        "customer_ip_address": order["customer_ip_address"],
        "customer_user_agent": order["customer_user_agent"],
        "created_via": order["created_via"],
        "customer_note": order["customer_note"],
        "date_completed": dates["date_completed"],
        "date_paid": dates["date_paid"],
        "cart_hash": order["cart_hash"],
        "number": order["number"],
        "meta_data": [dict(entry) for entry in order["meta"]],
        "line_items": [_line(store, order, line, places) for line in order["lines"]],
        "tax_lines": [_tax_line(line, places) for line in order["tax_lines"]],
        "shipping_lines": [_shipping(line, inclusive, places) for line in order["shipping_lines"]],
        "fee_lines": [_fee(line, inclusive, places) for line in order["fee_lines"]],
        "coupon_lines": [_coupon(line, places) for line in order["coupon_lines"]],
        "refunds": [
            {
                "id": one,
                "reason": store.refunds[one]["reason"],
                "total": shown(-store.refunds[one]["amount"], places),
            }
            for one in reversed(order["refunds"])
        ],
        "payment_url": f"{base}/checkout/order-pay/{number}/?pay_for_order=true&key={order['order_key']}",
        "is_editable": order["status"] in EDITABLE,
        "needs_payment": needs_payment(order),
        "needs_processing": needs_processing(store, order),
        "date_created_gmt": dates["date_created_gmt"],
        "date_modified_gmt": dates["date_modified_gmt"],
        "date_completed_gmt": dates["date_completed_gmt"],
        "date_paid_gmt": dates["date_paid_gmt"],
        "currency_symbol": SYMBOLS.get(order["currency"], order["currency"]),
        "_links": link,
    }


SUMS = (
    "discount_total",
    "discount_tax",
    "shipping_total",
    "shipping_tax",
    "cart_tax",
    "total",
    "total_tax",
)


def needs_payment(order: Json) -> bool:
    return order["status"] in UNPAID and order["sums"]["total"] > 0


def needs_processing(store: Store, order: Json) -> bool:
    """False only for orders of nothing but virtual downloads."""
    found = [store.products.get(line["variation_id"] or line["product_id"]) for line in order["lines"]]
    return not found or any(one is None or not (one["virtual"] and one["downloadable"]) for one in found)


def show_refund(store: Store, refund: Json, base: str, dp: int | None = None, over_all: bool = False) -> Json:
    """A refund: amount positive, lines negative. The list over all orders adds ``parent_id`` (unconfirmed)."""
    places = PLACES if dp is None else dp
    order_id, number = refund["order_id"], refund["id"]
    inclusive = refund["prices_include_tax"]
    lines = [_line(store, refund, line, places) for line in refund["lines"]]
    for line in lines:
        line["price"] = abs(line["price"])
    path = f"/orders/{order_id}"
    return {
        "id": number,
        **({"parent_id": order_id} if over_all else {}),
        "date_created": store.local(refund["created"]),
        "date_created_gmt": times.gmt(refund["created"]),
        "amount": shown(refund["amount"], places),
        "reason": refund["reason"],
        "refunded_by": refund["refunded_by"],
        "refunded_payment": refund["refunded_payment"],
        "meta_data": [dict(entry) for entry in refund["meta"]],
        "line_items": lines,
        "shipping_lines": [_shipping(line, inclusive, places) for line in refund["shipping_lines"]],
        "tax_lines": [_tax_line(line, places) for line in refund["tax_lines"]],
        "fee_lines": [_fee(line, inclusive, places) for line in refund["fee_lines"]],
        "_links": links(base, f"{path}/refunds/{number}", f"{path}/refunds", "GET", "DELETE", up=path),
    }


def empty_sums() -> dict[str, Decimal]:
    return dict.fromkeys(SUMS, ZERO)

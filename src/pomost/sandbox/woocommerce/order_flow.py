"""What becomes of an order: statuses, payment, trash, and everything that follows from them."""

from decimal import Decimal
from typing import Any

from pomost.sandbox.woocommerce import order_lines, stocking
from pomost.sandbox.woocommerce.money import ZERO
from pomost.sandbox.woocommerce.order_view import empty_sums, needs_payment, needs_processing
from pomost.sandbox.woocommerce.protocol import Json
from pomost.sandbox.woocommerce.state import Store

BUYER_MAILS = {
    "processing": "customer_processing_order",
    "completed": "customer_completed_order",
    "on-hold": "customer_on_hold_order",
    "refunded": "customer_refunded_order",
}
ADMIN_MAILS = {"cancelled": "cancelled_order", "failed": "failed_order"}
PAYABLE = ("pending", "on-hold", "failed", "cancelled")
ADMIN = "admin@shop.example.test"
BILLING = (
    "first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country", "email",
    "phone",
)  # fmt: skip
SHIPPING = tuple(name for name in BILLING if name != "email")


def blank(store: Store, created_via: str = "rest-api") -> Json:
    """An order as it is before anybody wrote into it."""
    now, number = store.now(), next(store.posts)
    return {
        "id": number, "number": numbered(store, number), "status": "pending", "currency": store.settings.currency,
        "version": store.settings.version, "prices_include_tax": store.settings.prices_include_tax,
        "created": now, "modified": now, "completed": None, "paid": None, "customer_id": 0,
        "order_key": f"wc_order_{store.token(13)}", "billing": dict.fromkeys(BILLING, ""),
        "shipping": dict.fromkeys(SHIPPING, ""), "payment_method": "", "payment_method_title": "",
        "transaction_id": "", "customer_ip_address": "", "customer_user_agent": "", "created_via": created_via,
        "customer_note": "", "cart_hash": "", "meta": [], "lines": [], "shipping_lines": [], "fee_lines": [],
        "coupon_lines": [], "tax_lines": [], "refunds": [], "stock_reduced": False, "sums": empty_sums(),
        "before_trash": "",
    }  # fmt: skip


def numbered(store: Store, number: int) -> str:
    """The text shown to the buyer: the id, unless a plugin numbers orders."""
    pattern = store.settings.numbering
    return pattern.format(id=number) if pattern else str(number)


def saved(store: Store, order: Json, created: bool = False) -> None:
    """Any save moves the date of change and fires, also when nothing really changed."""
    order["modified"] = store.now()
    if created:
        store.emit("order.created", order["id"])
        store.emit("action.woocommerce_new_order", order["id"])
    store.emit("order.updated", order["id"])
    store.emit("action.woocommerce_update_order", order["id"])


def paid_status(store: Store, order: Json) -> str:
    """What an order becomes when it is paid. Cash on delivery is paid when it is completed."""
    if order["payment_method"] == "cod" or not needs_processing(store, order):
        return "completed"
    return "processing"


def set_status(store: Store, order: Json, status: str, quiet: bool = False) -> None:
    """Any status may follow any other. The caller saves the order."""
    before = order["status"]
    if status == before:
        return
    order["status"] = status
    if order["paid"] is None and status in (paid_status(store, order), "completed"):
        order["paid"] = store.now()
    if status == "completed" and order["completed"] is None:
        order["completed"] = store.now()
    if status in stocking.TAKES:
        stocking.take(store, order)
    elif status in stocking.GIVES_BACK:
        stocking.give_back(store, order)
    names = store.statuses
    if before != "trash":
        before_name, after_name = names.get(before, before), names.get(status, status)
        store.note(order["id"], f"Order status changed from {before_name} to {after_name}.")
    if status == "refunded":
        refund_rest(store, order)
    store.emit(f"action.woocommerce_order_status_{status}", order["id"])
    if not quiet:
        if status in BUYER_MAILS:
            store.mail(BUYER_MAILS[status], order)
        elif status in ADMIN_MAILS:
            store.mail(ADMIN_MAILS[status], order, to=ADMIN)


def payment_complete(store: Store, order: Json, transaction: str = "") -> None:
    """What a gateway does when it has the money. An order that is beyond payment stays as it is."""
    if transaction:
        order["transaction_id"] = transaction
    if order["status"] not in PAYABLE:
        return
    if order["paid"] is None:
        order["paid"] = store.now()
    set_status(store, order, paid_status(store, order))
    store.emit("action.woocommerce_payment_complete", order["id"])


def set_paid(store: Store, order: Json, creating: bool) -> None:
    """``set_paid``: an order that needs no payment, such as one on hold, stays as it is, and nobody is told."""
    if creating or needs_payment(order):
        payment_complete(store, order)


def left_to_refund(store: Store, order: Json) -> Decimal:
    done = sum((store.refunds[one]["amount"] for one in order["refunds"]), ZERO)
    return Decimal(order["sums"]["total"]) - done


def blank_refund(store: Store, order: Json, amount: Decimal, reason: str) -> Json:
    return {
        "id": next(store.posts), "order_id": order["id"], "created": store.now(), "modified": store.now(),
        "amount": amount, "reason": reason, "refunded_by": 1, "refunded_payment": False, "meta": [], "lines": [],
        "shipping_lines": [], "fee_lines": [], "tax_lines": [], "coupon_lines": [],
        "prices_include_tax": order["prices_include_tax"], "sums": empty_sums(), "stock_reduced": False,
    }  # fmt: skip


def refund_rest(store: Store, order: Json) -> None:
    """The status ``refunded`` makes one refund of all that is left: without lines, and no goods come back."""
    left = left_to_refund(store, order)
    if left > 0:
        refund = blank_refund(store, order, left, "Order fully refunded.")
        store.refunds[refund["id"]] = refund
        order["refunds"].append(refund["id"])
        store.emit("action.woocommerce_order_refunded", order["id"])


def trash(store: Store, order: Json) -> None:
    order["before_trash"], order["status"] = order["status"], "trash"
    order["modified"] = store.now()
    store.emit("order.deleted", order["id"])


def delete(store: Store, order: Json) -> None:
    """For good. With HPOS nobody is told."""
    for number in order["refunds"]:
        store.refunds.pop(number, None)
    store.notes.pop(order["id"], None)
    del store.orders[order["id"]]


def address(current: Json, sent: Any) -> None:
    """Known fields are taken, others dropped without a word."""
    if isinstance(sent, dict):
        current.update({key: str(value or "") for key, value in sent.items() if key in current})


def checkout_traces(store: Store, order: Json) -> None:
    """What the block checkout leaves in an order."""
    order["customer_ip_address"], order["customer_user_agent"] = "203.0.113.7", "Mozilla/5.0"
    order["cart_hash"] = f"{store.chance.getrandbits(128):032x}"
    for key in ("_shipping_hash", "_coupons_hash", "_fees_hash", "_taxes_hash"):
        order["meta"].append(store.meta(key, f"{store.chance.getrandbits(128):032x}"))
    if not any(entry["key"] == "is_vat_exempt" for entry in order["meta"]):
        order["meta"].append(store.meta("is_vat_exempt", "no"))
    names = ", ".join(f"{line['name']} &times; {line['quantity']}" for line in order["lines"])
    for line in order["shipping_lines"]:
        line["meta"].append(store.item_meta("Items", names))
    order_lines.reckon(store, order)

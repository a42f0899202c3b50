"""Returns of goods (reference, section 9)."""

from itertools import islice
from typing import Any

from pomost.sandbox.baselinker import defaults, journal
from pomost.sandbox.baselinker.orders import shown_fields
from pomost.sandbox.baselinker.parameters import RETURN_ORDER_LINE, checked
from pomost.sandbox.baselinker.protocol import Json, invalid, money
from pomost.sandbox.baselinker.state import Account
from pomost.sandbox.baselinker.writing import keep_extra_fields, line_of, refuse_odd_line

PAGE = 100
INHERITED = [
    "shop_order_id",
    "user_login",
    "currency",
    "email",
    "phone",
    "delivery_fullname",
    "delivery_company",
    "delivery_address",
    "delivery_postcode",
    "delivery_city",
    "delivery_state",
    "delivery_country",
    "delivery_country_code",
]
LINE_STATUSES = tuple(number for number, _ in defaults.RETURN_LINE_STATUSES)
REASONS = tuple(number for number, _ in defaults.RETURN_REASONS)
# What the status of a new account means for the journal and the fulfilment.
OUTCOMES = {
    31002: (journal.RETURN_ACCEPTED, 5),
    31004: (journal.RETURN_COMPLETED, 1),
    31005: (journal.RETURN_CANCELLED, 2),
}


def _save(account: Account, found: Json) -> None:
    account.save_record("return", found["return_id"], found, found["order_id"], found["date_add"])


def _status(account: Account, status_id: int) -> int:
    if all(status_id != record["id"] for record in account.records("return_status")):
        raise invalid("status_id")
    return status_id


def _line(account: Account, sent: Json, order: Json | None) -> Json:
    """A line of a return, filled up from the order line it names."""
    line_id = sent.get("order_product_id", 0)
    base = line_of(order, line_id) if order is not None and line_id else {}
    if sent.get("status_id", LINE_STATUSES[0]) not in LINE_STATUSES:
        raise invalid("status_id")
    if sent.get("return_reason_id", REASONS[0]) not in REASONS:
        raise invalid("return_reason_id")
    refuse_odd_line(sent)
    quantity = sent.get("quantity", 1)
    if base and quantity > base["quantity"]:
        raise invalid("quantity", "more than was sold")
    return {
        "order_return_product_id": account.next_id("return_line"),
        **defaults.LINE,
        **base,
        "status_id": LINE_STATUSES[0],
        "return_reason_id": REASONS[0],
        "return_reason_comment": "",
        **sent,
        "quantity": quantity,
    }


def _own_line(found: Json, line_id: int) -> Json:
    for line in found["products"]:
        if line["order_return_product_id"] == line_id:
            own: Json = line
            return own
    raise invalid("order_return_product_id")


def get_order_returns(account: Account, sent: Json) -> Json:
    source = sent.get("filter_order_return_source")
    if source is None and "filter_order_return_source_id" in sent:
        raise invalid("filter_order_return_source", "needed by filter_order_return_source_id")
    id_from, date_from = sent.get("id_from", 0), sent.get("date_from", 0)
    found = account.each_record("return", sent.get("order_id"), id_from=id_from, date_from=date_from)
    wanted = (
        one
        for one in found
        if sent.get("return_id") in (None, one["return_id"])
        and sent.get("status_id") in (None, one["status_id"])
        and source in (None, one["order_return_source"])
        and sent.get("filter_order_return_source_id") in (None, one["order_return_source_id"])
    )
    return {"returns": [_shown(account, one, sent) for one in islice(wanted, PAGE)]}


def _shown(account: Account, found: Json, sent: Json) -> Json:
    fields = found.pop("custom_extra_fields") or {}
    if sent.get("include_custom_extra_fields"):
        # Empty it is "", unlike that of an order (documented example).
        found["custom_extra_fields"] = shown_fields(account, "return", found["return_id"], fields) or ""
    if sent.get("include_connect_data"):
        found["connect_data"] = {}
    return found


def add_order_return(account: Account, sent: Json) -> Json:
    order = account.order(sent["order_id"]) if sent.get("order_id") else None
    _status(account, sent["status_id"])
    now, return_id = account.now(), account.next_id("return")
    lines = [checked(line, RETURN_ORDER_LINE, account.settings) for line in sent.pop("products")]
    fields, refunded = sent.pop("custom_extra_fields", {}), sent.pop("refunded")
    source_id = sent.pop("custom_source_id", 0)
    made: Json = {
        **defaults.RETURN,
        **({name: order[name] for name in INHERITED} if order else {}),
        **sent,
        "return_id": return_id,
        "order_return_source_id": source_id,
        "date_in_status": now,
        "products": [_line(account, line, order) for line in lines],
        "custom_extra_fields": {},
    }
    _name_country(made, sent)
    if refunded:
        value = sum(money(line["price_brutto"]) * line["quantity"] for line in made["products"])
        made["refunded"] = f"{value:.2f}"
    keep_extra_fields(account, "return", return_id, made["custom_extra_fields"], fields)
    _save(account, made)
    account.log("return", journal.RETURN_CREATED, return_id)
    account.wrote(made["order_id"], {"return_id": return_id, "products": made["products"]})
    return {"return_id": return_id}


def _name_country(found: Json, sent: Json) -> None:
    code = sent.get("delivery_country_code")
    if code is not None:
        found["delivery_country"] = defaults.COUNTRIES.get(code, code)


def set_order_return_fields(account: Account, sent: Json) -> Json:
    found = account.record("return", sent.pop("return_id"))
    fields = sent.pop("custom_extra_fields", None)
    found.update(sent)
    _name_country(found, sent)
    changed: Json = dict(sent)
    if fields is not None:
        kept = found["custom_extra_fields"] or {}
        changed["custom_extra_fields"] = keep_extra_fields(
            account, "return", found["return_id"], kept, fields
        )
        found["custom_extra_fields"] = kept
    _save(account, found)
    events = {
        journal.RETURN_DELIVERY_EDITED if name.startswith("delivery_") else journal.RETURN_EDITED
        for name in changed
    }
    for event in sorted(events):
        account.log("return", event, found["return_id"])
    account.wrote(found["order_id"], {"return_id": found["return_id"], **changed})
    return {}


def add_order_return_product(account: Account, sent: Json) -> Json:
    found = account.record("return", sent.pop("return_id"))
    order = account.order(found["order_id"]) if found["order_id"] else None
    line = _line(account, sent, order)
    found["products"].append(line)
    _save(account, found)
    account.log("return", journal.RETURN_LINE_ADDED, found["return_id"])
    return {"order_return_product_id": line["order_return_product_id"]}


def set_order_return_product_fields(account: Account, sent: Json) -> Json:
    found = account.record("return", sent.pop("return_id"))
    line = _own_line(found, sent["order_return_product_id"])
    for name, known in (("status_id", LINE_STATUSES), ("return_reason_id", REASONS)):
        if sent.get(name, known[0]) not in known:
            raise invalid(name)
    refuse_odd_line(sent)
    moved = sent.get("status_id", line["status_id"]) != line["status_id"]
    line.update(sent)
    _save(account, found)
    if moved:
        account.log("return", journal.RETURN_LINE_STATUS_CHANGED, found["return_id"], line["status_id"])
    if not moved or len(sent) > 2:
        account.log("return", journal.RETURN_LINE_EDITED, found["return_id"])
    return {}


def delete_order_return_product(account: Account, sent: Json) -> Json:
    found = account.record("return", sent["return_id"])
    line = _own_line(found, sent["order_return_product_id"])
    found["products"].remove(line)
    _save(account, found)
    product = str(line["product_id"])
    account.log(
        "return", journal.RETURN_LINE_REMOVED, found["return_id"], int(product) if product.isdigit() else 0
    )
    return {}


def set_order_return_refund(account: Account, sent: Json) -> Json:
    """Marks the refund; moves no money. The value is replaced, not added."""
    found = account.record("return", sent["return_id"])
    payment = {
        "paid_before": f"{money(found['refund_done']):.2f}",
        "paid_after": f"{money(sent['order_refund_done']):.2f}",
        "total_price": f"{sum(money(li['price_brutto']) * li['quantity'] for li in found['products']):.2f}",
        "currency": found["currency"],
        "external_payment_id": sent.get("external_refund_id", ""),
        "date": str(sent["refund_date"]),
    }
    found["refund_done"] = sent["order_refund_done"]
    found["refunded"] = payment["paid_after"]
    _save(account, found)
    account.save_record("refund", account.next_id("refund"), payment, owner_id=found["return_id"])
    account.log("return", journal.RETURN_REFUNDED, found["return_id"])
    account.wrote(found["order_id"], dict(sent))
    return {}


def move(account: Account, return_id: int, status_id: int) -> None:
    """What a change of status does, whoever made it."""
    found = account.record("return", return_id)
    found["status_id"], found["date_in_status"] = status_id, account.now()
    event, found["fulfillment_status"] = OUTCOMES.get(status_id, (0, found["fulfillment_status"]))
    _save(account, found)
    account.log("return", journal.RETURN_STATUS_CHANGED, return_id, status_id)
    if event:
        account.log("return", event, return_id)


def _move(account: Account, return_id: int, status_id: int) -> None:
    move(account, return_id, status_id)
    order_id = account.record("return", return_id)["order_id"]
    account.wrote(order_id, {"return_id": return_id, "status_id": status_id})


def set_order_return_status(account: Account, sent: Json) -> Json:
    _move(account, sent["return_id"], _status(account, sent["status_id"]))
    return {}


def set_order_return_statuses(account: Account, sent: Json) -> Json:
    status_id = _status(account, sent["status_id"])
    for return_id in sent["return_ids"]:
        _move(account, return_id, status_id)
    return {}


def get_order_return_status_list(account: Account, sent: Json) -> Json:
    return {"statuses": account.records("return_status")}


def _named(key: str, rows: tuple[tuple[int, str], ...]) -> list[Json]:
    return [{key: number, "name": name} for number, name in rows]


def get_order_return_product_statuses(account: Account, sent: Json) -> Json:
    return {"order_return_product_statuses": _named("status_id", defaults.RETURN_LINE_STATUSES)}


def get_order_return_reasons_list(account: Account, sent: Json) -> Json:
    return {"return_reasons": _named("return_reason_id", defaults.RETURN_REASONS)}


def get_order_return_extra_fields(account: Account, sent: Json) -> Json:
    return {"extra_fields": account.records("return_extra_field")}


def get_order_return_payments_history(account: Account, sent: Json) -> Json:
    account.record("return", sent["return_id"])
    payments: list[Any] = account.records("refund", owner_id=sent["return_id"])
    if not sent.get("show_full_history"):
        payments = [payment for payment in payments if payment["external_payment_id"]]
    return {"payments": payments}


def run_order_return_macro_trigger(account: Account, sent: Json) -> Json:
    found = account.record("return", sent["return_id"])
    account.wrote(found["order_id"], dict(sent))
    return {}


METHODS = {
    "getOrderReturns": get_order_returns,
    "addOrderReturn": add_order_return,
    "setOrderReturnFields": set_order_return_fields,
    "addOrderReturnProduct": add_order_return_product,
    "setOrderReturnProductFields": set_order_return_product_fields,
    "deleteOrderReturnProduct": delete_order_return_product,
    "setOrderReturnRefund": set_order_return_refund,
    "setOrderReturnStatus": set_order_return_status,
    "setOrderReturnStatuses": set_order_return_statuses,
    "getOrderReturnStatusList": get_order_return_status_list,
    "getOrderReturnProductStatuses": get_order_return_product_statuses,
    "getOrderReturnReasonsList": get_order_return_reasons_list,
    "getOrderReturnExtraFields": get_order_return_extra_fields,
    "getOrderReturnPaymentsHistory": get_order_return_payments_history,
    "runOrderReturnMacroTrigger": run_order_return_macro_trigger,
}

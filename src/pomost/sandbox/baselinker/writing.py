"""Writing orders: creating, editing, paying, moving between statuses (reference, section 6)."""

from decimal import Decimal
from typing import Any

from pomost.sandbox.baselinker import defaults, inventory_sales, journal
from pomost.sandbox.baselinker.orders import total
from pomost.sandbox.baselinker.parameters import ORDER_LINE, checked
from pomost.sandbox.baselinker.protocol import Json, decode_file, invalid, money, number
from pomost.sandbox.baselinker.state import Account

FLAGS = ("payment_method_cod", "want_invoice")
TITLE_LIMIT = 40
# Exempt, not subject, reverse charge.
SPECIAL_RATES = (Decimal(-1), Decimal("-0.02"), Decimal("-0.03"))
# Action types of the pick-and-pack history (reference, section 5.4).
PICKING_FINISHED, PACKING_FINISHED = 5, 11
FINISHED = {"pick_state": PICKING_FINISHED, "pack_state": PACKING_FINISHED}


def keep_extra_fields(account: Account, owner: str, owner_id: int, kept: Json, sent: Json) -> Json:
    """Apply sent extra fields to the kept ones; returns the changes in a form fit for the list of writes.

    Only the named ids change and ``""`` removes. Files of section 6.1 are stored as bytes.
    """
    kind = "extra_field" if owner == "order" else "return_extra_field"
    editors = {str(field["extra_field_id"]): field["editor_type"] for field in account.records(kind)}
    changed: Json = {}
    for field, value in sent.items():
        if field not in editors:
            raise invalid("custom_extra_fields", f"no field {field}")
        if value == "":
            kept.pop(field, None)
            account.drop_file(owner, owner_id, field)
            changed[field] = ""
        elif editors[field] == "file":
            changed[field] = _keep_file(account, owner, owner_id, field, value)
            kept[field] = {"title": changed[field]["title"]}
        elif isinstance(value, str | int | float) and not isinstance(value, bool):
            kept[field] = changed[field] = str(value)
        else:
            raise invalid("custom_extra_fields", f"field {field} takes text")
    return changed


def _keep_file(account: Account, owner: str, owner_id: int, field: str, value: Any) -> Json:
    if not isinstance(value, dict) or not isinstance(value.get("title"), str):
        raise invalid("custom_extra_fields", f"field {field} takes a title and a file")
    title = value["title"]
    if len(title) > TITLE_LIMIT:
        if account.settings.over_long == "refuse":
            raise invalid("custom_extra_fields", f"title longer than {TITLE_LIMIT} characters")
        title = title[:TITLE_LIMIT]
    content = decode_file("custom_extra_fields", value.get("file"), account.settings.file_limit_bytes)
    account.keep_file(owner, owner_id, field, title, content)
    return {"title": title, "bytes": len(content)}


def refuse_odd_line(sent: Json) -> None:
    """Refuse less than one piece and a VAT rate that there is not (reference, section 4)."""
    if sent.get("quantity", 1) < 1:
        raise invalid("quantity", "at least 1 expected")
    rate = money(sent.get("tax_rate", 0))
    if not 0 <= rate <= 100 and rate not in SPECIAL_RATES:
        raise invalid("tax_rate", f"0 to 100 or one of {', '.join(map(str, SPECIAL_RATES))} expected")


def new_line(account: Account, sent: Json, *, from_channel: bool = False) -> Json:
    """A line with all its keys. What a channel hands over is taken as it is; what the API sends is looked at."""
    if not from_channel:
        refuse_odd_line(sent)
    line = {**defaults.LINE, **sent}
    if not line.get("order_product_id"):
        line["order_product_id"] = account.next_id("line")
    return line


def line_of(order: Json, line_id: int) -> Json:
    for line in order["products"]:
        if line["order_product_id"] == line_id:
            found: Json = line
            return found
    raise invalid("order_product_id")


def place_order(account: Account, order: Json) -> None:
    """Save a new order and note its events."""
    account.save_order(order)
    order_id = order["order_id"]
    account.log("order", journal.CREATED, order_id)
    if order["confirmed"]:
        account.log("order", journal.CONFIRMED, order_id)
    if total(order) > 0 and money(order["payment_done"]) >= total(order):
        account.log("order", journal.PAID, order_id)


def add_order(account: Account, sent: Json) -> Json:
    account.status_id(sent["order_status_id"])
    source_id = sent.pop("custom_source_id", 0)
    if str(source_id) not in defaults.SOURCES["personal"]:
        raise invalid("custom_source_id")
    lines = [
        new_line(account, checked(line, ORDER_LINE, account.settings)) for line in sent.pop("products", [])
    ]
    paid, fields = sent.pop("paid", False), sent.pop("custom_extra_fields", {})
    now, order_id = account.now(), account.next_id("order")
    order: Json = {
        **defaults.ORDER,
        "order_id": order_id,
        "order_source_id": source_id,
        "date_confirmed": now,
        "date_in_status": now,
        "order_page": f"{account.base_url}/orders/{order_id}",
        "products": lines,
        "custom_extra_fields": {},
    }
    put_fields(order, sent)
    if paid and account.settings.paid_books_payment:
        order["payment_done"] = number(total(order))
    keep_extra_fields(account, "order", order_id, order["custom_extra_fields"], fields)
    place_order(account, order)
    account.wrote(order_id, {**sent, "products": lines, "custom_extra_fields": order["custom_extra_fields"]})
    return {"order_id": order_id}


def put_fields(order: Json, sent: Json) -> None:
    for name, value in sent.items():
        order[name] = str(int(value)) if name in FLAGS else value
        if name in ("delivery_country_code", "invoice_country_code"):
            order[name.removesuffix("_code")] = defaults.COUNTRIES.get(value, value)


def set_order_fields(account: Account, sent: Json) -> Json:
    order = account.order(sent.pop("order_id"))
    edit_fields(account, order, sent)
    return {}


def edit_fields(account: Account, order: Json, sent: Json) -> None:
    """Change order data and note one event for each group of data touched."""
    fields = sent.pop("custom_extra_fields", None)
    for name, action in FINISHED.items():
        if sent.get(name) == 1 and order[name] != 1:
            note_pick_pack(account, order["order_id"], action)
    put_fields(order, sent)
    changed: Json = dict(sent)
    if fields is not None:
        kept = order.setdefault("custom_extra_fields", {})
        changed["custom_extra_fields"] = keep_extra_fields(account, "order", order["order_id"], kept, fields)
    account.save_order(order)
    account.wrote(order["order_id"], changed)
    for event in sorted({_event(name) for name in changed}):
        account.log("order", event, order["order_id"])


def note_pick_pack(account: Account, order_id: int, action: int, cart_id: int = 0) -> None:
    """Add an entry to the pick-and-pack history of an order."""
    entry = {"action_type": action, "profile_id": 0, "station_id": 0, "cart_id": cart_id}
    entry["entry_date"] = account.now()
    account.save_record("pick_pack", account.next_id("pick_pack"), entry, owner_id=order_id)


def _event(name: str) -> int:
    if name.startswith("delivery_"):
        return journal.DELIVERY_EDITED
    if name.startswith("invoice_") or name == "want_invoice":
        return journal.INVOICE_DATA_EDITED
    return journal.EDITED


def add_order_product(account: Account, sent: Json) -> Json:
    order = account.order(sent.pop("order_id"))
    if "warehouse_id" not in sent and order["products"]:
        sent["warehouse_id"] = order["products"][0]["warehouse_id"]
    line = new_line(account, sent)
    order["products"].append(line)
    account.save_order(order)
    account.log("order", journal.LINE_ADDED, order["order_id"])
    account.wrote(order["order_id"], {"products": [line]})
    return {"order_product_id": line["order_product_id"]}


def set_order_product_fields(account: Account, sent: Json) -> Json:
    order = account.order(sent.pop("order_id"))
    line = line_of(order, sent["order_product_id"])
    refuse_odd_line(sent)
    line.update(sent)
    account.save_order(order)
    account.log("order", journal.LINE_EDITED, order["order_id"], line["order_product_id"])
    account.wrote(order["order_id"], {"products": [sent]})
    return {}


def delete_order_product(account: Account, sent: Json) -> Json:
    order = account.order(sent["order_id"])
    line = line_of(order, sent["order_product_id"])
    order["products"].remove(line)
    account.save_order(order)
    account.log("order", journal.LINE_REMOVED, order["order_id"], line["order_product_id"])
    account.wrote(order["order_id"], {"removed_products": [line["order_product_id"]]})
    return {}


def set_order_payment(account: Account, sent: Json) -> Json:
    order = account.order(sent["order_id"])
    before, after, value = money(order["payment_done"]), money(sent["payment_done"]), total(order)
    order["payment_done"] = number(after)
    account.save_order(order)
    payment = {
        "paid_before": f"{before:.2f}",
        "paid_after": f"{after:.2f}",
        "total_price": f"{value:.2f}",
        "currency": order["currency"],
        "external_payment_id": sent.get("external_payment_id", ""),
        "date": str(sent["payment_date"]),
        "comment": sent["payment_comment"],
    }
    account.save_record("payment", account.next_id("payment"), payment, owner_id=order["order_id"])
    # A part payment fires no event; the last one does, once.
    if before < value <= after and value > Decimal(0):
        account.log("order", journal.PAID, order["order_id"])
    account.wrote(order["order_id"], {name: sent[name] for name in sent if name != "order_id"})
    return {}


def move(account: Account, order_id: int, status_id: int) -> None:
    """Into another status; ``date_confirmed`` stays."""
    order = account.order(order_id)
    order["order_status_id"], order["date_in_status"] = status_id, account.now()
    account.save_order(order)
    account.log("order", journal.STATUS_CHANGED, order_id, status_id)
    inventory_sales.moved(account, order_id, status_id)
    account.wrote(order_id, {"order_status_id": status_id})


def set_order_status(account: Account, sent: Json) -> Json:
    status_id = account.status_id(sent["status_id"])
    move(account, sent["order_id"], status_id)
    return {}


def set_order_statuses(account: Account, sent: Json) -> Json:
    status_id = account.status_id(sent["status_id"])
    for order_id in sent["order_ids"]:
        move(account, order_id, status_id)
    return {}


def run_order_macro_trigger(account: Account, sent: Json) -> Json:
    account.order(sent["order_id"])
    account.wrote(sent["order_id"], {"trigger_id": sent["trigger_id"]})
    return {}


METHODS = {
    "addOrder": add_order,
    "setOrderFields": set_order_fields,
    "addOrderProduct": add_order_product,
    "setOrderProductFields": set_order_product_fields,
    "deleteOrderProduct": delete_order_product,
    "setOrderPayment": set_order_payment,
    "setOrderStatus": set_order_status,
    "setOrderStatuses": set_order_statuses,
    "runOrderMacroTrigger": run_order_macro_trigger,
}

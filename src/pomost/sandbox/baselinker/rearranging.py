"""Orders that beget or swallow others: copies, splits, merges, removals (reference, section 6.2)."""

import copy

from pomost.sandbox.baselinker import journal
from pomost.sandbox.baselinker.orders import total
from pomost.sandbox.baselinker.parameters import SPLIT_LINE, checked
from pomost.sandbox.baselinker.protocol import Json, invalid, money, number
from pomost.sandbox.baselinker.state import Account
from pomost.sandbox.baselinker.writing import line_of, place_order

MERGE_MODES = ("technical_merge", "into_main_order")


def _offspring(account: Account, order: Json) -> Json:
    """A new order with the data of another; its files stay with the original."""
    now, order_id = account.now(), account.next_id("order")
    fields = order.get("custom_extra_fields", {})
    return {
        **copy.deepcopy(order),
        "order_id": order_id,
        "date_add": now,
        "date_confirmed": now if order["confirmed"] else 0,
        "date_in_status": now,
        "custom_extra_fields": {field: value for field, value in fields.items() if isinstance(value, str)},
        "order_page": f"{account.base_url}/orders/{order_id}",
    }


def _renumber(account: Account, order: Json) -> None:
    for line in order["products"]:
        line["order_product_id"] = account.next_id("line")


def delete_orders(account: Account, sent: Json) -> Json:
    for order_id in sent["order_ids"]:
        account.order(order_id)
    for order_id in sent["order_ids"]:
        account.remove_order(order_id)
        account.log("order", journal.REMOVED, order_id)
        account.wrote(order_id, {"removed": True})
    return {"deleted_order_ids": sent["order_ids"]}


def add_order_duplicate(account: Account, sent: Json) -> Json:
    original = account.order(sent["order_id"])
    made = _offspring(account, original)
    made["payment_done"] = 0
    _renumber(account, made)
    place_order(account, made)
    account.log("order", journal.COPIED, original["order_id"], made["order_id"])
    account.wrote(made["order_id"], {"copy_of": original["order_id"]})
    return {"order_id": made["order_id"]}


def add_order_by_split(account: Account, sent: Json) -> Json:
    order = account.order(sent["order_id"])
    items = [checked(item, SPLIT_LINE, account.settings) for item in sent["items_to_split"]]
    if not items:
        raise invalid("items_to_split", "empty")
    cost = money(sent.get("delivery_cost_to_split", 0))
    if not 0 <= cost <= money(order["delivery_price"]):
        raise invalid("delivery_cost_to_split", "more than the order's delivery price")
    made = _offspring(account, order)
    made["products"] = []
    for item in items:
        line = line_of(order, item["order_product_id"])
        if not 1 <= item["quantity"] <= line["quantity"]:
            raise invalid("quantity", "more than the line has")
        made["products"].append({**line, "quantity": item["quantity"]})
        line["quantity"] -= item["quantity"]
    order["products"] = [line for line in order["products"] if line["quantity"]]
    if not order["products"]:
        raise invalid("items_to_split", "nothing would stay in the order")
    _renumber(account, made)
    order["delivery_price"] = number(money(order["delivery_price"]) - cost)
    made["delivery_price"] = number(cost)
    paid = money(order["payment_done"])
    moved = min(paid, total(made)) if paid >= total(order) + total(made) else paid * 0
    order["payment_done"], made["payment_done"] = number(paid - moved), number(moved)
    account.save_order(order)
    place_order(account, made)
    account.log("order", journal.SPLIT, order["order_id"], made["order_id"])
    account.wrote(order["order_id"], {"split_into": made["order_id"], "items_to_split": items})
    account.wrote(made["order_id"], {"split_from": order["order_id"]})
    return {"new_order_id": made["order_id"]}


def set_orders_merge(account: Account, sent: Json) -> Json:
    mode, main_id, other_ids = sent["merge_mode"], sent["main_order_id"], sent["order_ids_to_merge"]
    if mode not in MERGE_MODES:
        raise invalid("merge_mode", f"one of {', '.join(MERGE_MODES)} expected")
    if not other_ids or main_id in other_ids or len(set(other_ids)) != len(other_ids):
        raise invalid("order_ids_to_merge", "other orders expected, each once")
    main, others = account.order(main_id), [account.order(order_id) for order_id in other_ids]
    merged = _offspring(account, main) if mode == "technical_merge" else main
    merged["products"] = merged["products"] + [line for other in others for line in other["products"]]
    merged["payment_done"] = number(
        sum((money(o["payment_done"]) for o in others), money(main["payment_done"]))
    )
    if sent["sum_delivery_costs"]:
        costs = (money(other["delivery_price"]) for other in others)
        merged["delivery_price"] = number(sum(costs, money(main["delivery_price"])))
    if mode == "technical_merge":
        _renumber(account, merged)
        place_order(account, merged)
    else:
        account.save_order(merged)
        for order_id in other_ids:
            account.remove_order(order_id)
    merged_id = merged["order_id"]
    for order_id in [main_id, *other_ids]:
        account.log("order", journal.MERGED, order_id, merged_id)
        if mode == "into_main_order" and order_id != main_id:
            account.log("order", journal.REMOVED, order_id)
        account.wrote(order_id, {"merged_into": merged_id})
    return {"merged_order_id": merged_id}


METHODS = {
    "deleteOrders": delete_orders,
    "addOrderDuplicate": add_order_duplicate,
    "addOrderBySplit": add_order_by_split,
    "setOrdersMerge": set_orders_merge,
}

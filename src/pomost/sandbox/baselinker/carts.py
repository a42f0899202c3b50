"""Carts of the pick-and-pack assistant (reference, section 6.2; names from one client)."""

from pomost.sandbox.baselinker.protocol import Json, invalid
from pomost.sandbox.baselinker.state import Account
from pomost.sandbox.baselinker.writing import note_pick_pack

PICKING_RESERVED = 1


def _save(account: Account, cart: Json) -> None:
    account.save_record("cart", cart["cart_id"], cart)


def get_pick_pack_carts(account: Account, sent: Json) -> Json:
    return {"carts": [{"cart_id": c["cart_id"], "name": c["name"]} for c in account.records("cart")]}


def get_pick_pack_cart_orders(account: Account, sent: Json) -> Json:
    return {
        "orders": [{"order_id": order_id} for order_id in account.record("cart", sent["cart_id"])["orders"]]
    }


def get_pick_pack_order_cart(account: Account, sent: Json) -> Json:
    account.order(sent["order_id"])
    holding = [cart["cart_id"] for cart in account.records("cart") if sent["order_id"] in cart["orders"]]
    return {"cart_id": holding[0] if holding else 0}


def add_pick_pack_cart(account: Account, sent: Json) -> Json:
    cart = {"cart_id": account.next_id("cart"), "name": sent["name"], "orders": []}
    _save(account, cart)
    return {"cart_id": cart["cart_id"]}


def add_pick_pack_orders_to_cart(account: Account, sent: Json) -> Json:
    cart = account.record("cart", sent["cart_id"])
    for order_id in sent["order_ids"]:
        account.order(order_id)
        if (
            any(order_id in other["orders"] for other in account.records("cart"))
            or order_id in cart["orders"]
        ):
            raise invalid("order_ids", f"order {order_id} is in a cart already")
        cart["orders"].append(order_id)
        note_pick_pack(account, order_id, PICKING_RESERVED, cart["cart_id"])
    _save(account, cart)
    return {}


def delete_pick_pack_cart(account: Account, sent: Json) -> Json:
    account.record("cart", sent["cart_id"])
    account.remove_record("cart", sent["cart_id"])
    return {}


def delete_pick_pack_cart_orders(account: Account, sent: Json) -> Json:
    cart = account.record("cart", sent["cart_id"])
    _save(account, {**cart, "orders": []})
    return {}


def delete_pick_pack_order_from_cart(account: Account, sent: Json) -> Json:
    for cart in account.records("cart"):
        if sent["order_id"] in cart["orders"]:
            cart["orders"].remove(sent["order_id"])
            _save(account, cart)
            return {}
    raise invalid("order_id", "in no cart")


METHODS = {
    "getPickPackCarts": get_pick_pack_carts,
    "getPickPackCartOrders": get_pick_pack_cart_orders,
    "getPickPackOrderCart": get_pick_pack_order_cart,
    "addPickPackCart": add_pick_pack_cart,
    "addPickPackOrdersToCart": add_pick_pack_orders_to_cart,
    "deletePickPackCart": delete_pick_pack_cart,
    "deletePickPackCartOrders": delete_pick_pack_cart_orders,
    "deletePickPackOrderFromCart": delete_pick_pack_order_from_cart,
}

"""Stock: who holds it, what orders take and give back (section 5.9), and how ``stock_status`` follows."""

from typing import Any

from pomost.sandbox.woocommerce.protocol import Json
from pomost.sandbox.woocommerce.state import Store

TAKES = ("processing", "completed", "on-hold")
GIVES_BACK = ("cancelled", "pending")


def holder(store: Store, product: Json) -> Json | None:
    """The product whose stock counts: itself, or the parent of a variation; None where nobody manages it."""
    if product["manage_stock"]:
        return product
    parent = store.products.get(product["parent_id"]) if product["type"] == "variation" else None
    return parent if parent and parent["manage_stock"] else None


def follow(product: Json) -> None:
    """``stock_status`` while stock is managed."""
    if product["manage_stock"]:
        if product["stock_quantity"] > 0:
            product["stock_status"] = "instock"
        else:
            product["stock_status"] = "outofstock" if product["backorders"] == "no" else "onbackorder"


def move(store: Store, product: Json, pieces: int) -> tuple[int, int] | None:
    """Add pieces (or take, when negative); the figures before and after."""
    held = holder(store, product)
    if held is None:
        return None
    before = int(held["stock_quantity"])
    held["stock_quantity"] = before + pieces
    follow(held)
    touched(store, held)
    return before, held["stock_quantity"]


def touched(store: Store, product: Json) -> None:
    """A product was saved: its moment of change, and that of a variation's parent; the event names the product itself."""
    product["modified"] = store.now()
    if product["type"] == "variation" and product["parent_id"] in store.products:
        store.products[product["parent_id"]]["modified"] = product["modified"]
    store.emit("product.updated", product["id"])


def product_of(store: Store, line: Json) -> Json | None:
    return store.products.get(line["variation_id"] or line["product_id"])


def reduced(line: Json) -> Json | None:
    """The entry ``_reduced_stock`` of a line: pieces taken off stock so far."""
    return next((meta for meta in line["meta"] if meta["key"] == "_reduced_stock"), None)


def note_reduced(store: Store, line: Json, pieces: Any) -> None:
    entry = reduced(line)
    if entry is not None:
        entry["value"] = str(pieces)
    else:
        line["meta"].append(store.item_meta("_reduced_stock", str(pieces)))


def take(store: Store, order: Json) -> None:
    """Take the goods of an order off stock, once."""
    if order["stock_reduced"] or not order["lines"]:
        return
    order["stock_reduced"] = True
    told = []
    for line in order["lines"]:
        product = product_of(store, line)
        if product is None or reduced(line) is not None:
            continue
        product["total_sales"] += line["quantity"]
        moved = move(store, product, -line["quantity"])
        if moved:
            if moved[1] < 0:
                beyond = min(line["quantity"], -moved[1])
                store.oversold[product["sku"]] = store.oversold.get(product["sku"], 0) + beyond
            note_reduced(store, line, line["quantity"])
            told.append(f"{line['name']} ({product['sku']}) {moved[0]}&rarr;{moved[1]}")
    if told:
        store.note(order["id"], f"Stock levels reduced: {', '.join(told)}")


def give_back(store: Store, order: Json) -> None:
    """Put back what the order still holds."""
    if not order["stock_reduced"]:
        return
    order["stock_reduced"] = False
    told = []
    for line in order["lines"]:
        entry, product = reduced(line), product_of(store, line)
        if entry is None or product is None:
            continue
        moved = move(store, product, int(entry["value"]))
        line["meta"].remove(entry)
        if moved:
            told.append(f"{line['name']} ({product['sku']}) {moved[0]}&rarr;{moved[1]}")
    if told:
        store.note(order["id"], f"Stock levels increased: {', '.join(told)}")


def adjust(store: Store, order: Json, line: Json, quantity: int) -> None:
    """A line of an order that holds goods now has another quantity: stock moves by the difference."""
    product, entry = product_of(store, line), reduced(line)
    if product is None or not order["stock_reduced"]:
        return
    held = int(entry["value"]) if entry else 0
    if quantity != held and move(store, product, held - quantity):
        if quantity:
            note_reduced(store, line, quantity)
        elif entry:
            line["meta"].remove(entry)

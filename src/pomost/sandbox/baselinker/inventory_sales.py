"""Orders and stock together: what a channel sells leaves the catalogue (or is reserved there) at once.

The reference says nothing of it except that stock less reservations is free; the rules here are those of the page about
the sandbox. Only orders that buyers place sell; lines added by the API do not.
"""

from collections import Counter
from dataclasses import dataclass

from pomost.sandbox.baselinker.inventory_structure import default_inventory, inventory
from pomost.sandbox.baselinker.orders import total
from pomost.sandbox.baselinker.protocol import Json, Refusal, money, number
from pomost.sandbox.baselinker.staff import DELIVERED, SENT
from pomost.sandbox.baselinker.state import Account

CANCELLED = "Anulowane"


@dataclass(frozen=True)
class Taken:
    """Pieces of one product from one warehouse."""

    product_id: int
    warehouse: str
    pieces: int


def link(account: Account, order: Json) -> None:
    """Lines of the catalogue that know only a SKU get the product of the default inventory that has it."""
    shelf = default_inventory(account)
    for line in order["products"]:
        if shelf is None or line["storage"] != "db" or line["product_id"] or not line["sku"]:
            continue
        product_id = account.goods.by_sku(shelf["inventory_id"], line["sku"])
        if product_id is not None:
            line["product_id"], line["storage_id"] = str(product_id), shelf["inventory_id"]


def taken_by(account: Account, line: Json) -> list[Taken]:
    """What a line takes from the stock: nothing where it is not linked, the parts of a bundle, a variant."""
    pieces, product_id = line["quantity"], str(line["product_id"])
    if line["storage"] != "db" or not product_id.isdecimal() or not isinstance(pieces, int) or pieces <= 0:
        return []
    try:
        shelf = inventory(account, line["storage_id"])
    except Refusal:
        return []
    named = str(line.get("variant_id") or "0")
    number_of = int(named) if named.isdecimal() and int(named) else int(product_id)
    kind = account.goods.kinds([number_of]).get(number_of)
    if kind is None or kind[0] != shelf["inventory_id"]:
        return []
    key = f"bl_{line.get('warehouse_id') or 0}"
    warehouse = key if key in shelf["warehouses"] else shelf["default_warehouse"]
    if kind[2]:
        parts = account.goods.parts(number_of)
        return [Taken(part, warehouse, count * pieces) for part, count in parts.items()]
    if kind[1]:
        # A buyer who names no variant gets the one of which there is most.
        variants = account.goods.variants([number_of])[number_of]
        number_of = max(variants, key=lambda variant: free(account, variant, warehouse))
    return [Taken(number_of, warehouse, pieces)]


def free(account: Account, product_id: int, warehouse: str) -> int:
    """Stock less reservations."""
    have = account.goods.stock([product_id]).get(product_id, {}).get(warehouse, 0)
    return have - account.goods.stock([product_id], "reserved").get(product_id, {}).get(warehouse, 0)


def within_stock(account: Account, order: Json) -> list[int] | None:
    """Cut an order to what the stock shows.

    The places of the lines that are left, None when there is nothing to buy. What is paid in full stays so.
    """
    paid = money(order["payment_done"]) == total(order)
    left: Counter[tuple[int, str]] = Counter()
    seen: set[tuple[int, str]] = set()
    kept: list[int] = []
    short = False
    for place, line in enumerate(order["products"]):
        wanted = taken_by(account, line)
        if not wanted:
            kept.append(place)
            continue
        for one in wanted:
            if (one.product_id, one.warehouse) not in seen:
                seen.add((one.product_id, one.warehouse))
                left[one.product_id, one.warehouse] = free(account, one.product_id, one.warehouse)
        pieces = line["quantity"]
        per_piece = [(one, one.pieces // pieces) for one in wanted]
        pieces = min([pieces, *(left[one.product_id, one.warehouse] // each for one, each in per_piece)])
        short = short or pieces < line["quantity"]
        if pieces > 0:
            line["quantity"] = pieces
            kept.append(place)
            for one, each in per_piece:
                left[one.product_id, one.warehouse] -= pieces * each
    if short:
        # A discount on goods that are not bought falls away with them.
        kept = [place for place in kept if money(order["products"][place]["price_brutto"]) >= 0]
        if not any(taken_by(account, order["products"][place]) for place in kept):
            return None
        order["products"] = [order["products"][place] for place in kept]
        if paid or money(order["payment_done"]) > total(order):
            order["payment_done"] = number(total(order))
    return kept


def sell(account: Account, order: Json) -> None:
    """Take what a new order of a channel holds from the stock, or reserve it; below 0 where there is too little."""
    wanted: Counter[tuple[int, str]] = Counter()
    reserving: set[tuple[int, str]] = set()
    for line in order["products"]:
        reserves = None
        for one in taken_by(account, line):
            if reserves is None:
                reserves = inventory(account, line["storage_id"])["reservations"]
            wanted[one.product_id, one.warehouse] += one.pieces
            if reserves:
                reserving.add((one.product_id, one.warehouse))
    if not wanted:
        return
    order_id, store = order["order_id"], account.goods
    rows = [
        (product_id, key, pieces, free(account, product_id, key), int((product_id, key) in reserving))
        for (product_id, key), pieces in wanted.items()
    ]
    store.sold(order_id, rows)
    store.reserve([(row[0], row[1], row[2]) for row in rows if row[4]])
    _take(account, order_id, [(row[0], row[1], row[2]) for row in rows if not row[4]])


def _take(account: Account, order_id: int, rows: list[tuple[int, str, int]]) -> None:
    have = account.goods.stock({row[0] for row in rows})
    after: dict[int, dict[str, int]] = {}
    for product_id, key, pieces in rows:
        after.setdefault(product_id, {})[key] = have.get(product_id, {}).get(key, 0) - pieces
    if after:
        account.goods.put_stock(after, f"Zamówienie {order_id}")


def moved(account: Account, order_id: int, status_id: int) -> None:
    """Reservations end where an order is sent, and then take the stock, or is cancelled."""
    reserved = [sale for sale in account.goods.sales(order_id) if sale["reserved"]]
    if not reserved:
        return
    status = account.record("status", status_id)["name"]
    if status not in (SENT, DELIVERED, CANCELLED):
        return
    rows = [(sale["product_id"], sale["warehouse"], sale["quantity"]) for sale in reserved]
    account.goods.reserve([(product_id, key, -pieces) for product_id, key, pieces in rows])
    account.goods.settle(order_id)
    if status != CANCELLED:
        _take(account, order_id, rows)


def oversold(account: Account) -> dict[int, int]:
    """Pieces sold or reserved beyond what was free at that moment, by product."""
    found: Counter[int] = Counter()
    for sale in account.goods.sales():
        beyond = sale["quantity"] - max(0, sale["before"])
        if beyond > 0:
            found[sale["product_id"]] += beyond
    return dict(found)

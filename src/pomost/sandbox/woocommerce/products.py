"""``/products`` and ``/products/<id>/variations`` (section 7)."""

import time
from decimal import Decimal
from typing import Any

from pomost.sandbox.woocommerce import listing, product_view, product_writing, stocking
from pomost.sandbox.woocommerce.protocol import (
    Answer,
    Json,
    Refusal,
    Request,
    as_list,
    truth,
    wrong_value,
)
from pomost.sandbox.woocommerce.state import Store

DELTA_S = 0.02
"""Between reading and writing a delta others may read, too: it is not atomic."""


def find(store: Store, number: int, status: int = 404) -> Json:
    product = store.products.get(number)
    if product is None:
        raise Refusal(status, "woocommerce_rest_product_invalid_id", "Invalid ID.")
    return product


def find_variation(store: Store, parent: int, number: int, status: int = 404) -> Json:
    # An unknown parent and a variation of another one are not told apart (the reference is silent).
    product = store.products.get(number)
    if product is None or product["type"] != "variation" or product["parent_id"] != parent:
        raise Refusal(status, "woocommerce_rest_product_variation_invalid_id", "Invalid ID.")
    return product


def listed(store: Store, request: Request) -> Answer:
    """Parents only; a search by SKU gives variations, too."""
    params = request.params
    skus = [str(one) for one in as_list(params.get("sku"))]
    partly = listing.words(request, "search_sku")
    rows = list(store.products.values())
    if not skus and not partly:
        rows = [row for row in rows if row["type"] != "variation"]
    if skus:
        rows = [row for row in rows if row["sku"] in skus and row["sku"]]
    if partly:
        rows = [row for row in rows if partly in row["sku"].lower()]
    rows = _filtered(params, rows)
    if text := listing.words(request):
        rows = [row for row in rows if text in f"{row['name']} {row['description']} {row['sku']}".lower()]
    rows = listing.by_dates(store, request, listing.by_ids(request, rows))
    rows = _ordered(store, request, rows)
    return listing.page(request, rows, lambda row: product_view.show(store, row, request.base))


def _filtered(params: Json, rows: list[Json]) -> list[Json]:
    status = str(params.get("status") or "any")
    if status not in (*product_writing.STATUSES, "any", "future", "trash"):
        raise wrong_value(
            "status", f"status is not one of any, trash, {', '.join(product_writing.STATUSES)}."
        )
    rows = [row for row in rows if (row["status"] != "trash" if status == "any" else row["status"] == status)]
    for name, column in (("type", "type"), ("stock_status", "stock_status"), ("tax_class", "tax_class")):
        if params.get(name):
            rows = [row for row in rows if row[column] == params[name]]
    if params.get("parent"):
        wished = {int(one) for one in as_list(params["parent"]) if str(one).isdecimal()}
        rows = [row for row in rows if row["parent_id"] in wished]
    return rows


def _ordered(store: Store, request: Request, rows: list[Json]) -> list[Json]:
    extra: dict[str, Any] = {
        "price": lambda row: Decimal(product_view.price(store, row) or "0"),
        "popularity": lambda row: row["total_sales"],
        "rating": lambda row: row["id"],
        "menu_order": lambda row: row["menu_order"],
    }
    return listing.ordered(request, rows, extra)


def read(store: Store, request: Request, number: int) -> Answer:
    product = find(store, number)
    return Answer(product_view.show(store, product, request.base))


def create(store: Store, request: Request) -> Answer:
    product = product_writing.create(store, request.sent)
    store.emit("product.created", product["id"])
    store.wrote("product", product["id"], "POST", request.sent)
    return Answer(product_view.show(store, product, request.base), 201)


def update(store: Store, request: Request, number: int) -> Answer:
    product = find(store, number, 400 if request.in_batch else store.settings.unknown_id_on_put)
    if product["type"] == "variation":
        raise Refusal(
            404,
            "woocommerce_rest_invalid_product_id",
            "To manipulate product variations you should use the /products/<product_id>/variations/<id> endpoint.",
        )
    return _updated(store, request, product)


def _updated(store: Store, request: Request, product: Json) -> Answer:
    sent = {key: value for key, value in request.sent.items() if key != "id"}
    read_before = product["stock_quantity"]
    product_writing.write(store, product, sent)
    if "inventory_delta" in sent and product["manage_stock"]:
        _delta(store, product, sent["inventory_delta"], read_before)
    stocking.touched(store, product)
    store.wrote("variation" if product["type"] == "variation" else "product", product["id"], "PUT", sent)
    return Answer(product_view.show(store, product, request.base))


def _delta(store: Store, product: Json, delta: Any, seen: Any) -> None:
    """Not atomic: the lock is let go between reading and writing, as the shop's own code has none."""
    before = int(seen or 0)
    store.lock.release()
    try:
        time.sleep(DELTA_S)
    finally:
        store.lock.acquire()
    product["stock_quantity"] = before + int(delta)
    stocking.follow(product)


def delete(store: Store, request: Request, number: int) -> Answer:
    product = find(store, number)
    shown = product_view.show(store, product, request.base)
    force = truth(request.params.get("force", False))
    if force:
        # Whether this fires is not in the reference; WooCommerce hooks product.deleted to the trash only.
        product_writing.remove(store, product)
    elif product["status"] == "trash":
        raise Refusal(410, "woocommerce_rest_already_trashed", "The product has already been deleted.")
    else:
        product["status"] = "trash"
        product["modified"] = store.now()
        store.emit("product.deleted", number)
    store.wrote("product", number, "DELETE", {"force": force})
    return Answer(shown)


def variations(store: Store, request: Request, parent: int) -> Answer:
    rows = product_view.children(store, find(store, parent))
    if skus := [str(one) for one in as_list(request.params.get("sku"))]:
        rows = [row for row in rows if row["sku"] in skus]
    rows = listing.by_dates(store, request, listing.by_ids(request, rows))
    rows = _ordered(store, request, rows)
    return listing.page(request, rows, lambda row: product_view.show(store, row, request.base))


def read_variation(store: Store, request: Request, parent: int, number: int) -> Answer:
    return Answer(product_view.show(store, find_variation(store, parent, number), request.base))


def create_variation(store: Store, request: Request, parent: int) -> Answer:
    product = product_writing.create(store, request.sent, find(store, parent))
    store.emit("product.updated", product["id"])
    store.wrote("variation", product["id"], "POST", request.sent)
    return Answer(product_view.show(store, product, request.base), 201)


def update_variation(store: Store, request: Request, parent: int, number: int) -> Answer:
    status = 400 if request.in_batch else store.settings.unknown_id_on_put
    return _updated(store, request, find_variation(store, parent, number, status))


def delete_variation(store: Store, request: Request, parent: int, number: int) -> Answer:
    product = find_variation(store, parent, number)
    shown = product_view.show(store, product, request.base)
    # A variation goes for good either way: it has no trash of its own here (the reference is silent).
    product_writing.remove(store, product)
    stocking.touched(store, store.products[parent])
    store.wrote("variation", number, "DELETE", {})
    return Answer(shown)

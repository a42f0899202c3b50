"""``/orders``: list, read, create, change, trash and delete (section 5)."""

from typing import Any

from pomost.sandbox.woocommerce import listing, order_flow, order_lines, order_view
from pomost.sandbox.woocommerce.protocol import (
    Answer,
    Json,
    Refusal,
    Request,
    as_list,
    truth,
    whole,
    wrong_value,
)
from pomost.sandbox.woocommerce.state import Store, write_meta

TEXTS = (
    "payment_method", "payment_method_title", "transaction_id", "customer_note", "currency", "customer_ip_address",
    "customer_user_agent",
)  # fmt: skip


def find(store: Store, number: int, status: int = 404) -> Json:
    order = store.orders.get(number)
    if order is None:
        raise Refusal(status, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
    return order


def places(request: Request) -> int | None:
    return whole(request.params, "dp", 2, 0, 6) if "dp" in request.params else None


def _show(store: Store, request: Request, order: Json) -> Json:
    return order_view.show(store, order, request.base, places(request))


def listed(store: Store, request: Request) -> Answer:
    rows = listing.by_dates(store, request, listing.by_ids(request, filtered(store, request)))
    rows = listing.ordered(request, rows)
    return listing.page(request, rows, lambda order: _show(store, request, order))


def _statuses(store: Store, params: Json) -> set[str]:
    asked = [str(one).removeprefix("wc-") for one in as_list(params.get("status"))]
    known = {*store.statuses, "trash", "auto-draft", "any"}
    for one in asked:
        if one not in known:
            raise wrong_value("status", f"status[0] is not one of any, trash, {', '.join(store.statuses)}.")
    if not asked or "any" in asked:
        # Baskets at the checkout are among them, the trash is not.
        return {*store.statuses, *asked} - {"trash", "auto-draft"}
    return set(asked)


def filtered(store: Store, request: Request) -> list[Json]:
    params = request.params
    statuses = _statuses(store, params)
    rows = [row for row in store.orders.values() if row["status"] in statuses]
    if params.get("customer") not in (None, ""):
        wished = whole(params, "customer", 0, 0)
        rows = [row for row in rows if row["customer_id"] == wished]
    if params.get("product") not in (None, ""):
        number = whole(params, "product", 0, 0)
        rows = [
            row
            for row in rows
            if any(number in (one["product_id"], one["variation_id"]) for one in row["lines"])
        ]
    if params.get("created_via") and store.settings.created_via_filter:
        via = [str(one) for one in as_list(params["created_via"])]
        rows = [row for row in rows if row["created_via"] in via]
    if params.get("parent"):
        rows = []
    if text := listing.words(request):
        rows = [row for row in rows if text in _searched(row)]
    return rows


def _searched(order: Json) -> str:
    address = (*order["billing"].values(), *order["shipping"].values())
    return " ".join((str(order["id"]), *address, *(line["name"] for line in order["lines"]))).lower()


def read(store: Store, request: Request, number: int) -> Answer:
    # One in the trash is still returned.
    return Answer(_show(store, request, find(store, number)))


def _check(store: Store, sent: Json) -> None:
    """What is refused before anything changes."""
    if "status" in sent and str(sent["status"]).removeprefix("wc-") not in (
        *store.statuses,
        "trash",
        "auto-draft",
    ):
        raise wrong_value("status", f"status is not one of {', '.join(store.statuses)}.")
    customer = sent.get("customer_id")
    if customer and customer not in store.customers and customer != 1:
        raise Refusal(400, "woocommerce_rest_invalid_customer_id", "Customer ID is invalid.")
    for line in sent.get("coupon_lines") or []:
        code = str(line.get("code") or "") if isinstance(line, dict) else ""
        if code and order_lines.coupon_by_code(store, code) is None:
            raise Refusal(400, "woocommerce_rest_invalid_coupon", f'Coupon "{code}" does not exist!')
    if isinstance(sent.get("currency"), str) and len(sent["currency"]) != 3:
        raise wrong_value("currency", "currency is not one of the known ones.")


def _fill(store: Store, order: Json, sent: Json) -> None:
    for name in TEXTS:
        if sent.get(name) is not None:
            order[name] = str(sent[name])
    if sent.get("customer_id") is not None:
        order["customer_id"] = int(sent["customer_id"])
    for name in ("billing", "shipping"):
        order_flow.address(order[name], sent.get(name))
    write_meta(order["meta"], sent.get("meta_data"), store.meta)


def make(store: Store, sent: Json, created_via: str = "rest-api", checkout: bool = False) -> Json:
    """A new order by what was sent; also the checkout makes its orders so."""
    _check(store, sent)
    order = order_flow.blank(store, str(sent.get("created_via") or created_via))
    _fill(store, order, sent)
    order_lines.write(store, order, sent)
    order_lines.reckon(store, order)
    if checkout:
        order_flow.checkout_traces(store, order)
    store.orders[order["id"]] = order
    status = str(sent.get("status") or "").removeprefix("wc-")
    if status == "checkout-draft":
        # A basket at the checkout; whether a webhook tells of it depends on the version.
        order["status"] = status
    elif status:
        order_flow.set_status(store, order, status)
    if truth(sent.get("set_paid", False)):
        order_flow.set_paid(store, order, creating=True)
    if status != "checkout-draft" or store.settings.draft_webhooks:
        order_flow.saved(store, order, created=True)
    return order


def create(store: Store, request: Request) -> Answer:
    order = make(store, request.sent)
    store.wrote("order", order["id"], "POST", request.sent)
    return Answer(_show(store, request, order), 201)


def change(store: Store, order: Json, sent: Json) -> None:
    """The rules of PUT: also what is in the trash or completed can be changed."""
    _check(store, sent)
    _fill(store, order, sent)
    # An address may bring other rates.
    if (
        not order_lines.write(store, order, sent)
        and ("billing" in sent or "shipping" in sent)
        and order["lines"]
    ):
        order_lines.reckon(store, order)
    if truth(sent.get("set_paid", False)):
        order_flow.set_paid(store, order, creating=False)
    if sent.get("status"):
        order_flow.set_status(store, order, str(sent["status"]).removeprefix("wc-"))
    order["version"] = store.settings.version
    order_flow.saved(store, order)


def update(store: Store, request: Request, number: int) -> Answer:
    order = find(store, number, 400 if request.in_batch else store.settings.unknown_id_on_put)
    change(store, order, request.sent)
    store.wrote("order", number, "PUT", {k: v for k, v in request.sent.items() if k != "id"})
    return Answer(_show(store, request, order))


def delete(store: Store, request: Request, number: int) -> Answer:
    """The answer shows the state before."""
    order = find(store, number)
    shown: Any = _show(store, request, order)
    force = truth(request.params.get("force", False))
    if force:
        order_flow.delete(store, order)
    elif order["status"] == "trash":
        raise Refusal(410, "woocommerce_rest_already_trashed", "The order has already been deleted.")
    else:
        order_flow.trash(store, order)
    store.wrote("order", number, "DELETE", {"force": force})
    return Answer(shown)


def statuses(store: Store, request: Request) -> Answer:
    return Answer([{"slug": slug, "name": name} for slug, name in store.statuses.items()])

"""``/customers`` (section 8): accounts only, no guests, and no filter by modification."""

import hashlib
import html
from decimal import Decimal

from pomost.sandbox.woocommerce import listing, order_flow
from pomost.sandbox.woocommerce.protocol import Answer, Json, Refusal, Request, links, truth
from pomost.sandbox.woocommerce.state import Store, write_meta

PAID = ("processing", "completed")


def find(store: Store, number: int) -> Json:
    customer = store.customers.get(number)
    if customer is None:
        raise Refusal(404, "woocommerce_rest_invalid_id", "Invalid resource ID.")
    return customer


def blank(store: Store, email: str, role: str = "customer") -> Json:
    now = store.now()
    return {
        "id": next(store.users), "created": now, "modified": now, "email": email, "first_name": "", "last_name": "",
        "role": role, "username": email.partition("@")[0], "billing": dict.fromkeys(order_flow.BILLING, ""),
        "shipping": dict.fromkeys(order_flow.SHIPPING, ""), "meta": [],
    }  # fmt: skip


def show(store: Store, request: Request, customer: Json) -> Json:
    number = customer["id"]
    mail = hashlib.sha256(customer["email"].strip().lower().encode()).hexdigest()
    bought = (one for one in store.orders.values() if one["customer_id"] == number and one["status"] in PAID)
    order = (
        "first_name",
        "last_name",
        "company",
        "address_1",
        "address_2",
        "city",
        "postcode",
        "country",
        "state",
    )
    return {
        "id": number,
        **store.dates(customer, "created", "modified"),
        "email": customer["email"],
        "first_name": customer["first_name"],
        "last_name": customer["last_name"],
        "role": customer["role"],
        "username": customer["username"],
        "billing": {name: customer["billing"][name] for name in (*order, "email", "phone")},
        "shipping": {name: customer["shipping"][name] for name in (*order, "phone")},
        "is_paying_customer": any(Decimal(one["sums"]["total"]) > 0 for one in bought),
        "avatar_url": f"https://secure.gravatar.com/avatar/{mail}?s=96&d=mm&r=g",
        "meta_data": [dict(entry) for entry in customer["meta"]],
        "_links": links(request.base, f"/customers/{number}", "/customers"),
    }


def listed(store: Store, request: Request) -> Answer:
    """By default those of the role ``customer`` only. ``modified_after`` is ignored, as any unknown parameter."""
    params = request.params
    role = str(params.get("role") or "customer")
    rows = [one for one in store.customers.values() if role in ("all", one["role"])]
    if params.get("email"):
        rows = [one for one in rows if one["email"].lower() == str(params["email"]).lower()]
    if text := listing.words(request):
        rows = [
            one
            for one in rows
            if text in f"{one['email']} {one['username']} {one['first_name']} {one['last_name']}".lower()
        ]
    rows = listing.by_ids(request, rows)
    extra = {
        "name": lambda one: one["first_name"].lower(),
        "registered_date": lambda one: int(one["created"]),
    }
    # Alone of the lists this one is by name, rising.
    request.params = {"orderby": "name", "order": "asc", **params}
    rows = listing.ordered(request, rows, extra)
    return listing.page(request, rows, lambda one: show(store, request, one))


def read(store: Store, request: Request, number: int) -> Answer:
    return Answer(show(store, request, find(store, number)))


def write(store: Store, customer: Json, sent: Json) -> None:
    for name in ("first_name", "last_name", "email"):
        if sent.get(name) is not None:
            customer[name] = html.unescape(str(sent[name]))
    for name in ("billing", "shipping"):
        order_flow.address(customer[name], sent.get(name))
    write_meta(customer["meta"], sent.get("meta_data"), store.meta)
    customer["modified"] = store.now()


def create(store: Store, request: Request) -> Answer:
    email = str(request.sent.get("email") or "")
    if not email:
        raise Refusal(400, "rest_missing_callback_param", "Missing parameter(s): email", params=["email"])
    if any(one["email"].lower() == email.lower() for one in store.customers.values()):
        raise Refusal(
            400,
            "registration-error-email-exists",
            "An account is already registered with your email address.",
        )
    customer = blank(store, email)
    if request.sent.get("username"):
        customer["username"] = str(request.sent["username"])
    write(store, customer, request.sent)
    store.customers[customer["id"]] = customer
    store.emit("customer.created", customer["id"])
    sent = {key: value for key, value in request.sent.items() if key != "password"}
    store.wrote("customer", customer["id"], "POST", sent)
    return Answer(show(store, request, customer), 201)


def update(store: Store, request: Request, number: int) -> Answer:
    customer = find(store, number)
    write(store, customer, request.sent)
    store.emit("customer.updated", number)
    store.wrote(
        "customer", number, "PUT", {k: v for k, v in request.sent.items() if k not in ("id", "password")}
    )
    return Answer(show(store, request, customer))


def delete(store: Store, request: Request, number: int) -> Answer:
    customer = find(store, number)
    if not truth(request.params.get("force", False)):
        raise Refusal(501, "woocommerce_rest_trash_not_supported", "Customers do not support trashing.")
    shown = show(store, request, customer)
    del store.customers[number]
    for order in store.orders.values():
        if order["customer_id"] == number:
            order["customer_id"] = 0
    store.emit("customer.deleted", number)
    store.wrote("customer", number, "DELETE", {})
    return Answer(shown)

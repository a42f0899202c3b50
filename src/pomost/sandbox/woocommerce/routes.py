"""Which act answers which address."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from pomost.sandbox.woocommerce import (
    batches,
    customers,
    order_extras,
    orders,
    products,
    refunds,
    shelves,
    terms,
    webhooks,
)
from pomost.sandbox.woocommerce.protocol import Answer, Request
from pomost.sandbox.woocommerce.state import Store

Act = Callable[..., Answer]


@dataclass(frozen=True)
class Route:
    pattern: re.Pattern[str]
    address: str
    methods: dict[str, Act]


def _route(shape: str, **methods: Act) -> Route:
    """``shape`` as in ``/orders/<id>``; ``<id>`` is a number, ``<word>`` a text without a slash."""
    pattern = shape.replace("<id>", r"(\d+)").replace("<word>", r"([^/]+)")
    return Route(re.compile(f"/wc/v3{pattern}"), f"/wc/v3{shape}", methods)


def _batch(create: Act | None, update: Act, delete: Act) -> Act:
    def act(store: Store, request: Request) -> Answer:
        return batches.run(store, request, create, update, delete)

    return act


def _crud(shape: str, listed: Act, create: Act, read: Act, update: Act, delete: Act) -> list[Route]:
    return [
        _route(shape, GET=listed, POST=create),
        _route(f"{shape}/batch", POST=_batch(create, update, delete)),
        _route(f"{shape}/<id>", GET=read, PUT=update, POST=update, DELETE=delete),
    ]


def _variations(store: Store, request: Request, parent: int) -> Answer:
    return batches.run(
        store,
        request,
        lambda held, inner: products.create_variation(held, inner, parent),
        lambda held, inner, number: products.update_variation(held, inner, parent, number),
        lambda held, inner, number: products.delete_variation(held, inner, parent, number),
    )


def _shelf(shape: str, acts: terms.Shelf) -> list[Route]:
    return _crud(shape, acts.listed, acts.create, acts.read, acts.update, acts.delete)


def _terms(store: Store, request: Request, attribute: int) -> Answer:
    acts = terms.OF_ATTRIBUTE
    return batches.run(
        store,
        request,
        lambda held, inner: acts.create(held, inner, attribute),
        lambda held, inner, number: acts.update(held, inner, attribute, number),
        lambda held, inner, number: acts.delete(held, inner, attribute, number),
    )


ROUTES: list[Route] = [
    _route("/orders/statuses", GET=orders.statuses),
    *_crud("/orders", orders.listed, orders.create, orders.read, orders.update, orders.delete),
    *_shelf("/products/categories", terms.CATEGORIES),
    *_shelf("/products/brands", terms.BRANDS),
    *_shelf("/products/tags", terms.TAGS),
    *_shelf("/products/attributes", terms.OWN_ATTRIBUTES),
    _route("/products/attributes/<id>/terms", GET=terms.OF_ATTRIBUTE.listed, POST=terms.OF_ATTRIBUTE.create),
    _route("/products/attributes/<id>/terms/batch", POST=_terms),
    _route(
        "/products/attributes/<id>/terms/<id>",
        GET=terms.OF_ATTRIBUTE.read,
        PUT=terms.OF_ATTRIBUTE.update,
        POST=terms.OF_ATTRIBUTE.update,
        DELETE=terms.OF_ATTRIBUTE.delete,
    ),
    *_crud("/products", products.listed, products.create, products.read, products.update, products.delete),
    _route("/products/<id>/variations", GET=products.variations, POST=products.create_variation),
    _route("/products/<id>/variations/batch", POST=_variations),
    _route(
        "/products/<id>/variations/<id>",
        GET=products.read_variation,
        PUT=products.update_variation,
        POST=products.update_variation,
        DELETE=products.delete_variation,
    ),
    _route("/orders/<id>/notes", GET=order_extras.notes, POST=order_extras.add_note),
    _route("/orders/<id>/notes/<id>", GET=order_extras.read_note, DELETE=order_extras.delete_note),
    _route("/orders/<id>/refunds", GET=refunds.listed, POST=refunds.create),
    _route("/orders/<id>/refunds/<id>", GET=refunds.read, DELETE=refunds.delete),
    _route("/orders/<id>/actions/email_templates", GET=order_extras.templates),
    _route("/orders/<id>/actions/send_email", POST=order_extras.send_email),
    _route("/orders/<id>/actions/send_order_details", POST=order_extras.send_order_details),
    _route("/orders/<id>/receipt", POST=order_extras.receipt),
    _route("/refunds", GET=refunds.all_listed),
    *_crud(
        "/customers", customers.listed, customers.create, customers.read, customers.update, customers.delete
    ),
    *_crud(
        "/coupons",
        shelves.coupons,
        shelves.create_coupon,
        shelves.read_coupon,
        shelves.update_coupon,
        shelves.delete_coupon,
    ),
    _route("/taxes/classes", GET=shelves.classes),
    *_crud(
        "/taxes", shelves.taxes, shelves.create_tax, shelves.read_tax, shelves.update_tax, shelves.delete_tax
    ),
    *_crud("/webhooks", webhooks.listed, webhooks.create, webhooks.read, webhooks.update, webhooks.delete),
    _route("/settings", GET=shelves.groups),
    _route("/settings/<word>", GET=shelves.options),
    _route("/settings/<word>/<word>", GET=shelves.option, PUT=shelves.set_option, POST=shelves.set_option),
    _route("/payment_gateways", GET=shelves.gateways),
    _route(
        "/payment_gateways/<word>", GET=shelves.gateway, PUT=shelves.set_gateway, POST=shelves.set_gateway
    ),
    _route("/shipping_methods", GET=shelves.shipping_methods),
    _route("/shipping/zones", GET=shelves.zones),
    _route("/shipping/zones/<id>/methods", GET=shelves.zone_methods),
    _route("/system_status", GET=shelves.system_status),
    _route("/data/currencies/current", GET=shelves.currency),
    _route("/reports/orders/totals", GET=shelves.order_totals),
    Route(re.compile("/wp/v2/media"), "/wp/v2/media", {"GET": shelves.uploads, "POST": shelves.upload}),
]


def of(store: Store) -> list[Route]:
    """The routes of this shop: one without brands does not list them."""
    if store.settings.brands:
        return ROUTES
    return [route for route in ROUTES if not route.address.startswith("/wc/v3/products/brands")]


def find(store: Store, path: str, method: str) -> tuple[Act, list[int | str]] | None:
    """The act and what the path names, or None."""
    for route in of(store):
        if (match := route.pattern.fullmatch(path)) and method in route.methods:
            return route.methods[method], [int(part) if part.isdecimal() else part for part in match.groups()]
    return None

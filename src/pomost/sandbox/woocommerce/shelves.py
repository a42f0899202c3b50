"""The smaller resources: taxes, coupons, settings, gateways, shipping, system status, media (sections 6 and 8)."""

import json
from decimal import Decimal
from typing import Any

from pomost.sandbox.woocommerce import furnishing, listing, money, times
from pomost.sandbox.woocommerce.order_view import SYMBOLS
from pomost.sandbox.woocommerce.protocol import Answer, Json, Refusal, Request, links, truth, wrong_value
from pomost.sandbox.woocommerce.state import Store, write_meta

DISCOUNTS = ("percent", "fixed_cart", "fixed_product")


# taxes


def _show_tax(request: Request, rate: Json) -> Json:
    return {**rate, "_links": links(request.base, f"/taxes/{rate['id']}", "/taxes")}


def _tax(store: Store, number: int) -> Json:
    if number not in store.rates:
        raise Refusal(404, "woocommerce_rest_invalid_id", "Invalid resource ID.")
    return store.rates[number]


def taxes(store: Store, request: Request) -> Answer:
    rows = [one for one in store.rates.values() if request.params.get("class") in (None, "", one["class"])]
    return listing.page(request, rows, lambda rate: _show_tax(request, rate))


def read_tax(store: Store, request: Request, number: int) -> Answer:
    return Answer(_show_tax(request, _tax(store, number)))


def _write_tax(rate: Json, sent: Json) -> None:
    for name in ("country", "state", "name", "class"):
        if sent.get(name) is not None:
            rate[name] = str(sent[name])
    if sent.get("rate") is not None:
        rate["rate"] = f"{money.number(sent['rate']):.4f}"
    for name in ("compound", "shipping"):
        if name in sent:
            rate[name] = truth(sent[name])


def create_tax(store: Store, request: Request) -> Answer:
    rate = furnishing.rate(store, "", "0", "Tax", "standard")
    _write_tax(rate, request.sent)
    store.wrote("tax", rate["id"], "POST", request.sent)
    return Answer(_show_tax(request, rate), 201)


def update_tax(store: Store, request: Request, number: int) -> Answer:
    rate = _tax(store, number)
    _write_tax(rate, request.sent)
    store.wrote("tax", number, "PUT", request.sent)
    return Answer(_show_tax(request, rate))


def delete_tax(store: Store, request: Request, number: int) -> Answer:
    rate = _tax(store, number)
    if not truth(request.params.get("force", False)):
        raise Refusal(501, "woocommerce_rest_trash_not_supported", "Taxes do not support trashing.")
    del store.rates[number]
    store.wrote("tax", number, "DELETE", {})
    return Answer(_show_tax(request, rate))


def classes(store: Store, request: Request) -> Answer:
    base = f"{request.base}/wp-json/wc/v3/taxes/classes"
    rows = {"standard": "Standard rate", **store.classes}
    return Answer(
        [
            {"slug": slug, "name": name, "_links": {"collection": [{"href": base}]}}
            for slug, name in rows.items()
        ]
    )


# coupons


def show_coupon(store: Store, request: Request, one: Json) -> Json:
    return {
        "id": one["id"],
        "code": one["code"],
        "amount": one["amount"],
        "status": one["status"],
        **store.dates(one, "created", "modified"),
        "discount_type": one["discount_type"],
        "description": one["description"],
        **store.dates(one, "expires"),
        "usage_count": one["usage_count"],
        "individual_use": False,
        "product_ids": [],
        "excluded_product_ids": [],
        "usage_limit": None,
        "usage_limit_per_user": None,
        "limit_usage_to_x_items": None,
        "free_shipping": False,
        "product_categories": [],
        "excluded_product_categories": [],
        "exclude_sale_items": False,
        "minimum_amount": "0.00",
        "maximum_amount": "0.00",
        "email_restrictions": [],
        "used_by": [],
        "meta_data": [dict(entry) for entry in one["meta"]],
        "_links": links(request.base, f"/coupons/{one['id']}", "/coupons"),
    }


def _coupon(store: Store, number: int) -> Json:
    if number not in store.coupons:
        raise Refusal(404, "woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.")
    return store.coupons[number]


def coupons(store: Store, request: Request) -> Answer:
    rows = [one for one in store.coupons.values() if one["status"] != "trash"]
    if code := str(request.params.get("code") or ""):
        rows = [one for one in rows if one["code"].lower() == code.lower()]
    rows = listing.by_dates(store, request, listing.by_ids(request, rows))
    rows = listing.ordered(request, rows)
    return listing.page(request, rows, lambda one: show_coupon(store, request, one))


def read_coupon(store: Store, request: Request, number: int) -> Answer:
    return Answer(show_coupon(store, request, _coupon(store, number)))


def _write_coupon(store: Store, one: Json, sent: Json) -> None:
    if "discount_type" in sent:
        if sent["discount_type"] not in DISCOUNTS:
            raise wrong_value("discount_type", f"discount_type is not one of {', '.join(DISCOUNTS)}.")
        one["discount_type"] = sent["discount_type"]
    if sent.get("amount") is not None:
        one["amount"] = f"{money.number(sent['amount']):.2f}"
    for name in ("code", "description"):
        if sent.get(name) is not None:
            one[name] = str(sent[name])
    if "date_expires" in sent:
        text = sent["date_expires"]
        one["expires"] = times.read(str(text), store.settings.zone, False) if text else None
    write_meta(one["meta"], sent.get("meta_data"), store.meta)
    one["modified"] = store.now()


def create_coupon(store: Store, request: Request) -> Answer:
    code = str(request.sent.get("code") or "")
    if not code:
        raise Refusal(400, "rest_missing_callback_param", "Missing parameter(s): code", params=["code"])
    if any(one["code"].lower() == code.lower() for one in store.coupons.values()):
        text = "The coupon code already exists"
        raise Refusal(400, "woocommerce_rest_coupon_code_already_exists", text)
    one = furnishing.coupon(store, code, "0.00", "fixed_cart")
    _write_coupon(store, one, request.sent)
    store.emit("coupon.created", one["id"])
    store.wrote("coupon", one["id"], "POST", request.sent)
    return Answer(show_coupon(store, request, one), 201)


def update_coupon(store: Store, request: Request, number: int) -> Answer:
    one = _coupon(store, number)
    _write_coupon(store, one, request.sent)
    store.emit("coupon.updated", number)
    store.wrote("coupon", number, "PUT", request.sent)
    return Answer(show_coupon(store, request, one))


def delete_coupon(store: Store, request: Request, number: int) -> Answer:
    one = _coupon(store, number)
    shown = show_coupon(store, request, one)
    if truth(request.params.get("force", False)):
        del store.coupons[number]
    elif one["status"] == "trash":
        raise Refusal(410, "woocommerce_rest_already_trashed", "The coupon has already been deleted.")
    else:
        one["status"] = "trash"
        store.emit("coupon.deleted", number)
    store.wrote("coupon", number, "DELETE", {})
    return Answer(shown)


# settings


def _group(store: Store, group: str) -> Json:
    if group not in store.options:
        raise Refusal(404, "rest_setting_setting_group_invalid", "Invalid setting group.")
    return store.options[group]


def groups(store: Store, request: Request) -> Answer:
    return Answer(
        [
            {"id": one, "label": one.capitalize(), "description": "", "parent_id": "", "sub_groups": []}
            for one in store.options
        ]
    )


def _option(request: Request, group: str, name: str, value: str) -> Json:
    kind = "checkbox" if value in ("yes", "no") else "text"
    path = f"/settings/{group}"
    return {
        "id": name,
        "label": name.removeprefix("woocommerce_").replace("_", " ").capitalize(),
        "description": "",
        "type": kind,
        "default": "",
        "value": value,
        "group_id": group,
        "_links": links(request.base, f"{path}/{name}", path, "GET", "PUT", "PATCH"),
    }


def options(store: Store, request: Request, group: str) -> Answer:
    return Answer([_option(request, group, name, value) for name, value in _group(store, group).items()])


def option(store: Store, request: Request, group: str, name: str) -> Answer:
    values = _group(store, group)
    if name not in values:
        raise Refusal(404, "rest_setting_setting_invalid", "Invalid setting.")
    return Answer(_option(request, group, name, values[name]))


def set_option(store: Store, request: Request, group: str, name: str) -> Answer:
    """Change a setting; those that rule how orders are reckoned are heeded from then on."""
    option(store, request, group, name)
    value = str(request.sent.get("value", ""))
    store.options[group][name] = value
    known = {
        "woocommerce_prices_include_tax": "prices_include_tax",
        "woocommerce_calc_taxes": "calc_taxes",
        "woocommerce_tax_round_at_subtotal": "round_at_subtotal",
    }
    if name in known:
        setattr(store.settings, known[name], value == "yes")
    elif name == "woocommerce_currency":
        store.settings.currency = value
    store.wrote("setting", 0, "PUT", {name: value})
    return option(store, request, group, name)


# payment and shipping


def _gateway(request: Request, one: Json) -> Json:
    return {
        "id": one["id"],
        "title": one["title"],
        "description": "",
        "order": one["order"],
        "enabled": one["enabled"],
        "method_title": one["title"],
        "method_description": "",
        "method_supports": ["products"],
        "settings": {},
        "needs_setup": False,
        "_links": links(
            request.base, f"/payment_gateways/{one['id']}", "/payment_gateways", "GET", "PUT", "PATCH"
        ),
    }


def gateways(store: Store, request: Request) -> Answer:
    return Answer([_gateway(request, one) for one in store.gateways.values()])


def gateway(store: Store, request: Request, name: str) -> Answer:
    if name not in store.gateways:
        raise Refusal(404, "woocommerce_rest_payment_gateway_invalid", "Resource does not exist.")
    return Answer(_gateway(request, store.gateways[name]))


def set_gateway(store: Store, request: Request, name: str) -> Answer:
    gateway(store, request, name)
    one = store.gateways[name]
    if "enabled" in request.sent:
        one["enabled"] = truth(request.sent["enabled"])
    if request.sent.get("title"):
        one["title"] = str(request.sent["title"])
    store.wrote("gateway", 0, "PUT", {"id": name, **request.sent})
    return Answer(_gateway(request, one))


def zones(store: Store, request: Request) -> Answer:
    return Answer(
        [
            {
                "id": number,
                "name": name,
                "order": place,
                "_links": links(request.base, f"/shipping/zones/{number}", "/shipping/zones"),
            }
            for place, (number, name, _) in enumerate(furnishing.ZONES)
        ]
    )


def zone_methods(store: Store, request: Request, zone: int) -> Answer:
    found = next((methods for number, _, methods in furnishing.ZONES if number == zone), None)
    if found is None:
        raise Refusal(404, "woocommerce_rest_shipping_zone_invalid", "Resource does not exist.")
    return Answer([_zone_method(request, zone, *one) for one in found])


def _zone_method(request: Request, zone: int, instance: int, method: str, title: str, cost: str) -> Json:
    path = f"/shipping/zones/{zone}/methods"
    return {
        "id": instance,
        "instance_id": instance,
        "title": title,
        "order": instance,
        "enabled": True,
        "method_id": method,
        "method_title": title,
        "method_description": "",
        "settings": {"cost": {"id": "cost", "label": "Cost", "type": "text", "value": cost}},
        "_links": links(request.base, f"{path}/{instance}", path),
    }


def shipping_methods(store: Store, request: Request) -> Answer:
    known = {"flat_rate": "Flat rate", "free_shipping": "Free shipping", "local_pickup": "Local pickup"}
    return Answer([{"id": key, "title": title, "description": ""} for key, title in known.items()])


# the rest


def system_status(store: Store, request: Request) -> Answer:
    settings = store.settings
    return Answer(
        {
            "environment": {
                "home_url": request.base,
                "site_url": request.base,
                "version": settings.version,
                "wp_version": settings.wordpress,
                "wp_cron": settings.action_scheduler,
                "language": "pl_PL",
                "php_version": "8.2.28",
                "default_timezone": "UTC",
                "external_object_cache": None,
                "server_info": "nginx/1.26",
            },
            "database": {"wc_database_version": settings.version, "database_prefix": "wp_"},
            "active_plugins": [
                {"plugin": "woocommerce/woocommerce.php", "name": "WooCommerce", "version": settings.version}
            ],
            "inactive_plugins": [],
            "dropins_mu_plugins": {"dropins": [], "mu_plugins": []},
            "theme": {"name": "Storefront", "version": "4.6.0"},
            "settings": {
                "api_enabled": False,
                "force_ssl": False,
                "currency": settings.currency,
                "currency_symbol": SYMBOLS.get(settings.currency, settings.currency),
                "HPOS_enabled": settings.hpos,
                "HPOS_sync_enabled": False,
                "order_datastore": "Automattic\\WooCommerce\\Internal\\DataStores\\Orders\\OrdersTableDataStore"
                if settings.hpos
                else "WC_Order_Data_Store_CPT",
            },
            "security": {"secure_connection": request.secure, "hide_errors": True},
            "pages": [],
            "post_type_counts": [
                {"type": "product", "count": str(len(store.products))},
                {"type": "shop_order", "count": str(len(store.orders))},
            ],
        }
    )


def currency(store: Store, request: Request) -> Answer:
    code = store.settings.currency
    return Answer({"code": code, "name": code, "symbol": SYMBOLS.get(code, code)})


def order_totals(store: Store, request: Request) -> Answer:
    """Its numbers are wrong with HPOS: all are zero."""
    counted = dict.fromkeys(store.statuses, 0)
    if not store.settings.hpos:
        for one in store.orders.values():
            counted[one["status"]] = counted.get(one["status"], 0) + 1
    return Answer(
        [{"slug": slug, "name": name, "total": counted.get(slug, 0)} for slug, name in store.statuses.items()]
    )


def upload(store: Store, request: Request) -> Answer:
    """``wp/v2/media``: with an application password only, and what it takes is public."""
    disposition = request.headers.get("content-disposition", "")
    name = disposition.partition("filename=")[2].strip('"; ') or "plik.bin"
    stamp = str(times.local(store.now(), store.settings.zone))
    path = f"/wp-content/uploads/{stamp[:4]}/{stamp[5:7]}/{name.replace('/', '')}"
    store.media[path] = request.body
    number = next(store.posts)
    store.wrote("media", number, "POST", {"name": name, "bytes": len(request.body)})
    return Answer({"id": number, "source_url": f"{request.base}{path}", "media_type": "file"}, 201)


def uploads(store: Store, request: Request) -> Answer:
    return Answer([{"source_url": f"{request.base}{path}", "media_type": "file"} for path in store.media])


def plain(value: Any) -> Any:
    """What an act found, fit for JSON."""
    return json.loads(
        json.dumps(value, default=lambda one: str(one) if isinstance(one, Decimal) else _dug(one))
    )


def _dug(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return vars(value) if hasattr(value, "__dict__") else str(value)

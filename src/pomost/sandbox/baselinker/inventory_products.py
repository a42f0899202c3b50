"""Products of the catalogue: lists, cards, their log (reference, sections 10.2, 10.3, 10.5 and 10.6)."""

import re
from typing import Any

from pomost.sandbox.baselinker.inventory_figures import API
from pomost.sandbox.baselinker.inventory_stock import PAGE, filters, shown_stock
from pomost.sandbox.baselinker.inventory_structure import inventory, shown_prices, storage_refusal
from pomost.sandbox.baselinker.parameters import an_integer
from pomost.sandbox.baselinker.protocol import Json, invalid
from pomost.sandbox.baselinker.state import Account

LOGS_PAGE = 100
SORTS = {"id ASC": False, "id DESC": True}


def existing(account: Account, product_id: int) -> Json:
    """The card; refuses an unknown product."""
    found = account.goods.product(product_id)
    if found is None:
        raise invalid("product_id", f"no product {product_id}")
    return found


def get_inventory_products_list(account: Account, sent: Json) -> Json:
    shelf = inventory(account, sent["inventory_id"])
    sort = re.sub(r"\s+", " ", sent.get("filter_sort", "id ASC")).strip()
    descending = SORTS.get(sort.replace("asc", "ASC").replace("desc", "DESC"))
    if descending is None:
        raise invalid("filter_sort", f"one of {', '.join(SORTS)} expected")
    with_variants = sent.get("include_variants", False)
    ids = account.goods.page(
        shelf["inventory_id"],
        sent.get("page", 1),
        PAGE,
        variants=with_variants,
        descending=descending,
        conditions=filters(shelf, sent),
    )
    cards = {card["product_id"]: card for card in account.goods.products(ids)}
    figures, prices = shown_stock(account, shelf, ids), shown_prices(account, shelf, ids)
    found: Json = {}
    for number in ids:
        card = cards[number]
        one: Json = {"id": number}
        if with_variants:
            one["parent_id"] = card["parent_id"]
        one |= {name: card[name] for name in ("sku", "ean", "asin", "name")}
        one |= {"prices": prices.get(number, {}), "stock": figures.get(number, {})}
        found[str(number)] = one
    return {"products": found}


def _number(value: float) -> int | float:
    return int(value) if value == int(value) else value


def images_of(account: Account, card: Json) -> Json:
    """Addresses by position as they are read: from 1."""
    found = {}
    for position, address in sorted(card["doc"].get("images", {}).items(), key=lambda item: int(item[0])):
        own = f"{account.base_url}/files/product/{card['product_id']}/image_{position}"
        found[str(int(position) + 1)] = address or own
    return found


def text_fields_of(account: Account, card: Json) -> Json:
    """Texts as they are read: an uploaded file becomes its title and address."""
    found = {"name": card["name"], "description": "", **card["doc"].get("text_fields", {})}
    for key, value in found.items():
        if isinstance(value, dict) and "title" in value and "bytes" in value:
            url = f"{account.base_url}/files/product/{card['product_id']}/text_{key}"
            found[key] = {"title": value["title"], "url": url}
    return found


def get_inventory_products_data(account: Account, sent: Json) -> Json:
    shelf, ids = inventory(account, sent["inventory_id"]), sent["products"]
    variants = account.goods.variants(ids)
    wanted = [*ids, *(v for listed in variants.values() for v in listed)]
    cards = {card["product_id"]: card for card in account.goods.products(wanted)}
    figures, prices = shown_stock(account, shelf, wanted), shown_prices(account, shelf, wanted)
    reserved = shown_stock(account, shelf, wanted, "reserved")
    found: Json = {}
    for number in dict.fromkeys(ids):
        card = cards.get(number)
        if card is None:
            continue
        if card["inventory_id"] != shelf["inventory_id"]:
            raise storage_refusal(f"product {number} belongs to another inventory")
        doc = card["doc"]
        one: Json = {"is_bundle": bool(card["is_bundle"]), "parent_id": card["parent_id"]}
        one |= {name: card[name] for name in ("sku", "ean", "asin", "category_id", "manufacturer_id")}
        if sent.get("include_additional_eans"):
            one["ean_additional"] = doc.get("ean_additional", [])
        one |= {
            "tags": doc.get("tags", []),
            "tax_rate": _number(card["tax_rate"]),
            "weight": _number(card["weight"]),
        }
        one |= {name: doc.get(name, 0) for name in ("height", "width", "length", "star")}
        one |= {"prices": prices.get(number, {}), "stock": figures.get(number, {})}
        if shelf["reservations"]:
            held = reserved.get(number, {})
            one["reservations"] = held if any(held.values()) else {}
        one |= {"thresholds": {}, "incoming": {}, "locations": doc.get("locations", {})}
        one |= {"text_fields": text_fields_of(account, card), "images": images_of(account, card)}
        one |= {name: doc.get(name, 0) for name in ("average_cost", "average_landed_cost")}
        one |= {"videos": doc.get("videos", []), "links": doc.get("links", {})}
        parts = account.goods.parts(number) if card["is_bundle"] else {}
        one["bundle_products"] = {str(part): pieces for part, pieces in parts.items()}
        one["variants"] = {
            str(v): {
                **{name: cards[v][name] for name in ("name", "sku", "ean", "asin")},
                "prices": prices.get(v, {}),
                "stock": figures.get(v, {}),
                "locations": cards[v]["doc"].get("locations", {}),
            }
            for v in variants.get(number, [])
        }
        if account.settings.profile == "legacy":
            one |= {name: str(card[name]) for name in ("category_id", "manufacturer_id")}
        one |= _gated(card, figures.get(number, {}), sent)
        found[str(number)] = one
    return {"products": found}


def _gated(card: Json, figures: Json, sent: Json) -> Json:
    doc: Json = card["doc"]
    found: Json = {}
    if sent.get("include_erp_units"):
        cost = doc.get("average_cost", 0)
        found["stock_erp_units"] = {
            key: [{"quantity": pieces, "purchase_cost": cost, "expiry_date": ""}]
            for key, pieces in figures.items()
            if pieces
        }
    if sent.get("include_wms_units"):
        places = doc.get("locations", {})
        unit = {"expiry_date": "", "batch": "", "serial_no": ""}
        found["stock_wms_units"] = {
            key: [{"quantity": pieces, "location": places.get(key, "").split(";")[0], **unit}]
            for key, pieces in figures.items()
            if pieces
        }
    if sent.get("include_suppliers"):
        found["suppliers"] = doc.get("suppliers", [])
    if sent.get("include_relations"):
        found["relations"] = []
    if sent.get("include_marketplace_categories"):
        found["marketplace_categories"] = []
    if sent.get("include_channels_media"):
        found["channels_media"] = []
    return found


def delete_inventory_product(account: Account, sent: Json) -> Json:
    card = existing(account, sent["product_id"])
    account.goods.delete([card["product_id"]], API)
    return {}


def get_inventory_product_logs(account: Account, sent: Json) -> Json:
    logs = account.goods.logs(sent["product_id"])
    if not logs:
        existing(account, sent["product_id"])
    asked = sent.get("log_type", [])
    types = {an_integer("log_type", kind) for kind in (asked if isinstance(asked, list) else [asked])}
    sort = sent.get("sort", "ASC").upper()
    if sort not in ("ASC", "DESC"):
        raise invalid("sort", "ASC or DESC expected")
    found = []
    for log in logs:
        if not sent.get("date_from", 0) <= log["date"] <= sent.get("date_to", log["date"]):
            continue
        entries = [entry for entry in log["entries"] if not types or entry["type"] in types]
        if entries:
            found.append({**log, "entries": entries})
    if sort == "DESC":
        found.reverse()
    start = (max(sent.get("page", 1), 1) - 1) * LOGS_PAGE
    return {"logs": found[start : start + LOGS_PAGE]}


def run_product_macro_trigger(account: Account, sent: Json) -> Json:
    number = existing(account, sent["product_id"])["product_id"]
    account.goods.wrote("trigger", {number: {"trigger_id": sent["trigger_id"]}})
    return {}


METHODS: dict[str, Any] = {
    "getInventoryProductsList": get_inventory_products_list,
    "getInventoryProductsData": get_inventory_products_data,
    "deleteInventoryProduct": delete_inventory_product,
    "getInventoryProductLogs": get_inventory_product_logs,
    "runProductMacroTrigger": run_product_macro_trigger,
}

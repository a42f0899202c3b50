"""Writing products and variations: what is refused, dropped without a word, or read otherwise than one thinks."""

import html
import re
import unicodedata
from decimal import Decimal
from typing import Any

from pomost.sandbox.woocommerce import money, stocking, times
from pomost.sandbox.woocommerce.protocol import Json, Refusal, truth, wrong_value
from pomost.sandbox.woocommerce.state import Store, write_meta

TYPES = ("simple", "variable", "grouped", "external")
STATUSES = ("draft", "pending", "private", "publish")
TEXTS = ("description", "short_description", "weight", "global_unique_id")
CHOICES: dict[str, tuple[str, ...]] = {
    "type": TYPES,
    "status": (*STATUSES, "future", "auto-draft", "trash"),
    "tax_status": ("taxable", "shipping", "none"),
    "stock_status": ("instock", "outofstock", "onbackorder"),
    "backorders": ("no", "notify", "yes"),
}


def blank(store: Store, kind: str = "simple") -> Json:
    now = store.now()
    return {
        "id": 0, "name": "", "slug": "", "type": kind, "status": "publish", "sku": "", "global_unique_id": "",
        "regular_price": "", "sale_price": "", "on_sale_from": None, "on_sale_to": None, "tax_status": "taxable",
        "tax_class": "", "manage_stock": False, "stock_quantity": None, "stock_status": "instock",
        "backorders": "no", "low_stock_amount": None, "weight": "",
        "dimensions": {"length": "", "width": "", "height": ""}, "categories": [], "images": [], "attributes": [],
        "brands": [], "tags": [],
        "choices": [], "variations": [], "parent_id": 0, "meta": [], "created": now, "modified": now,
        "description": "", "short_description": "", "virtual": False, "downloadable": False, "total_sales": 0,
        "menu_order": 0, "featured": False, "catalog_visibility": "visible",
    }  # fmt: skip


def slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", html.unescape(name).lower().replace("ł", "l"))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")


def clean_name(name: str) -> str:
    """As WordPress stores a title: without what resembles a tag, and escaped."""
    stripped = re.sub(r"<[^>]*>", "", html.unescape(name)).strip()
    return stripped.replace("&", "&amp;")


def _price(sent: Json, name: str) -> str:
    value = sent[name]
    if value is None:
        return ""
    if not isinstance(value, str):
        raise wrong_value(name, f"{name} is not of type string.")
    try:
        return f"{money.number(value):f}" if value.strip() else ""
    except ValueError:
        # The reference is silent about text that is no number; WooCommerce's own cleaning leaves nothing of it.
        return ""


def _quantity(value: Any) -> int:
    if value is None:
        return 0
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"-?\d+", text):
        raise wrong_value("stock_quantity", "stock_quantity is not of type integer.")
    return int(text)


def check_sku(store: Store, product: Json, sku: str) -> None:
    """Raise when another product or variation holds the SKU; one in the trash does, too."""
    holder = store.products.get(store.by_sku.get(sku, 0)) if sku else None
    if holder is None or holder["id"] == product["id"]:
        return
    if holder["status"] == "trash":
        raise Refusal(
            400,
            "woocommerce_rest_product_not_created",
            f"The product with SKU ({sku}) you are trying to insert is already present in the lookup table",
        )
    proposal, number = f"{sku}-1", 1
    while proposal in store.by_sku:
        number += 1
        proposal = f"{sku}-{number}"
    raise Refusal(
        400,
        "product_invalid_sku",
        "Invalid or duplicated SKU.",
        resource_id=holder["id"],
        unique_sku=proposal,
    )


def name_sku(store: Store, product: Json, sku: str) -> None:
    if store.by_sku.get(product["sku"]) == product["id"]:
        del store.by_sku[product["sku"]]
    product["sku"] = sku
    if sku:
        store.by_sku[sku] = product["id"]


def write(store: Store, product: Json, sent: Json) -> None:
    """Change a product or variation by what was sent; raises before anything is changed."""
    for name, allowed in CHOICES.items():
        if name in sent and sent[name] not in allowed:
            raise wrong_value(name, f"{name} is not one of {', '.join(allowed)}.")
    prices: Json = {name: _price(sent, name) for name in ("regular_price", "sale_price") if name in sent}
    quantity = _quantity(sent["stock_quantity"]) if "stock_quantity" in sent else None
    moments = _moments(store, sent)
    if "sku" in sent:
        check_sku(store, product, str(sent["sku"] or ""))
    if not product["id"]:
        product["id"] = next(store.posts)
    if "sku" in sent:
        name_sku(store, product, str(sent["sku"] or ""))
    if "name" in sent and product["type"] != "variation":
        product["name"] = clean_name(str(sent["name"]))
    for name in ("type", "status", "tax_status", "stock_status", "backorders", "catalog_visibility"):
        if name in sent:
            product[name] = sent[name]
    for name in TEXTS:
        if name in sent:
            product[name] = str(sent[name] or "")
    for name in ("virtual", "downloadable", "featured"):
        if name in sent:
            product[name] = truth(sent[name])
    if "tax_class" in sent:
        wished = str(sent["tax_class"] or "")
        product["tax_class"] = wished if wished in store.classes else ""
    if isinstance(sent.get("dimensions"), dict):
        product["dimensions"].update(
            {k: str(v) for k, v in sent["dimensions"].items() if k in product["dimensions"]}
        )
    product.update(moments)
    if product["type"] != "variable":
        product.update(prices)
        _drop_senseless_sale(product)
    _write_stock(product, sent, quantity)
    _write_structure(store, product, sent)
    write_meta(product["meta"], sent.get("meta_data"), store.meta)
    product["slug"] = (
        str(sent.get("slug") or "") or product["slug"] or slug(product["name"]) or str(product["id"])
    )


def _drop_senseless_sale(product: Json) -> None:
    regular, sale = product["regular_price"], product["sale_price"]
    if sale and (not regular or Decimal(sale) >= Decimal(regular)):
        product["sale_price"] = ""


def _moments(store: Store, sent: Json) -> Json:
    found: Json = {}
    for name in ("on_sale_from", "on_sale_to"):
        for key, is_gmt in ((f"date_{name}", False), (f"date_{name}_gmt", True)):
            if key in sent:
                try:
                    text = sent[key]
                    found[name] = times.read(str(text), store.settings.zone, is_gmt) if text else None
                except ValueError:
                    raise wrong_value(key, "Invalid date.") from None
    return found


def _write_stock(product: Json, sent: Json, quantity: int | None) -> None:
    if "manage_stock" in sent:
        # "parent" is what a variation reads; written, it means: not here.
        product["manage_stock"] = sent["manage_stock"] != "parent" and truth(sent["manage_stock"])
        if product["manage_stock"] and product["stock_quantity"] is None:
            product["stock_quantity"] = 0
    if "low_stock_amount" in sent:
        product["low_stock_amount"] = sent["low_stock_amount"]
    if not product["manage_stock"]:
        product["stock_quantity"] = None
        return
    if quantity is not None:
        product["stock_quantity"] = quantity
    stocking.follow(product)


def _write_structure(store: Store, product: Json, sent: Json) -> None:
    for shelf in ("categories", "brands", "tags"):
        if isinstance(sent.get(shelf), list) and product["type"] != "variation":
            # ids that there are none of are dropped without a word
            asked = [str(one.get("id")) for one in sent[shelf] if isinstance(one, dict)]
            numbers = [int(one) for one in asked if one.isdecimal()]
            product[shelf] = [one for one in dict.fromkeys(numbers) if one in store.terms[shelf]]
    if isinstance(sent.get("images"), list):
        product["images"] = [
            {
                "id": next(store.posts),
                "src": str(one.get("src", "")),
                "name": "",
                "alt": str(one.get("alt", "")),
            }
            for one in sent["images"]
            if isinstance(one, dict)
        ]
    if not isinstance(sent.get("attributes"), list):
        return
    if product["type"] == "variation":
        product["choices"] = [
            {
                "id": one.get("id", 0),
                "name": str(one.get("name", "")),
                "slug": slug(str(one.get("name", ""))),
                "option": str(one.get("option", "")),
            }
            for one in sent["attributes"]
        ]
    else:
        product["attributes"] = [
            {
                "id": one.get("id", 0),
                **_named(store, one),
                "position": int(one.get("position", 0)),
                "visible": truth(one.get("visible", False)),
                "variation": truth(one.get("variation", False)),
                "options": [str(option) for option in one.get("options", [])],
            }
            for one in sent["attributes"]
        ]


def _named(store: Store, one: Json) -> Json:
    """An attribute of the whole shop is named by its id; one of the product itself by its name."""
    known = store.terms["attributes"].get(int(one.get("id") or 0))
    name = str(one.get("name", ""))
    return {"name": known["name"], "slug": known["slug"]} if known else {"name": name, "slug": name}


def create(store: Store, sent: Json, parent: Json | None = None) -> Json:
    """A new product, or a variation of a parent."""
    product = blank(store, "variation" if parent else str(sent.get("type", "simple")))
    if parent:
        product["parent_id"] = parent["id"]
        product["tax_class"] = parent["tax_class"]
        sent = {key: value for key, value in sent.items() if key not in ("type", "name")}
    write(store, product, sent)
    store.products[product["id"]] = product
    if parent:
        parent["variations"].append(product["id"])
        parent["modified"] = store.now()
    return product


def remove(store: Store, product: Json) -> None:
    """Delete for good, variations too."""
    for number in list(product["variations"]):
        if number in store.products:
            remove(store, store.products[number])
    name_sku(store, product, "")
    store.products.pop(product["id"], None)
    parent = store.products.get(product["parent_id"])
    if parent and product["id"] in parent["variations"]:
        parent["variations"].remove(product["id"])

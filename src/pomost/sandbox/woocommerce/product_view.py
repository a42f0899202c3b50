"""Products and variations as the API shows them."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote_plus

from pomost.sandbox.woocommerce import stocking, terms
from pomost.sandbox.woocommerce.protocol import Json, links
from pomost.sandbox.woocommerce.state import Store

AMOUNT = '<span class="woocommerce-Price-amount amount"><bdi>{}&nbsp;<span class="woocommerce-Price-currencySymbol">&#122;&#322;</span></bdi></span>'


def on_sale(store: Store, product: Json) -> bool:
    if not product["sale_price"]:
        return False
    now = store.now()
    begins, ends = product["on_sale_from"], product["on_sale_to"]
    return not (begins is not None and begins > now) and not (ends is not None and ends < now)


def children(store: Store, product: Json) -> list[Json]:
    found = (store.products.get(number) for number in product["variations"])
    return [child for child in found if child is not None and child["status"] != "trash"]


def price(store: Store, product: Json) -> str:
    """What one piece costs now, as typed; of a variable product the lowest of its variations."""
    if product["type"] == "variable":
        prices = [price(store, child) for child in children(store, product)]
        return min((text for text in prices if text), key=Decimal, default="")
    return str(product["sale_price"] if on_sale(store, product) else product["regular_price"])


def _html(store: Store, product: Json) -> str:
    text = price(store, product)
    if not text:
        return ""
    now = AMOUNT.format(text.replace(".", ","))
    if not on_sale(store, product):
        return now
    before = product["regular_price"].replace(".", ",")
    return (
        f'<del aria-hidden="true">{AMOUNT.format(before)}</del> <span class="screen-reader-text">Original price was: '
        f'{before}&nbsp;&#122;&#322;.</span><ins aria-hidden="true">{now}</ins><span class="screen-reader-text">'
        f"Current price is: {text.replace('.', ',')}&nbsp;&#122;&#322;.</span>"
    )


def _stock(store: Store, product: Json) -> Json:
    managed: Any = product["manage_stock"]
    quantity, status = product["stock_quantity"], product["stock_status"]
    if product["type"] == "variable":
        kids = children(store, product)
        if not managed and kids:
            status = "instock" if any(kid["stock_status"] == "instock" for kid in kids) else "outofstock"
    elif not managed and (held := stocking.holder(store, product)) is not None:
        # The stock of the parent counts, and is shown.
        managed, quantity, status = "parent", held["stock_quantity"], held["stock_status"]
    return {
        "manage_stock": managed,
        "stock_quantity": quantity if managed else None,
        "stock_status": status,
        "backorders": product["backorders"],
        "backorders_allowed": product["backorders"] != "no",
        "backordered": status == "onbackorder",
        "low_stock_amount": product["low_stock_amount"],
    }


def _common(store: Store, product: Json) -> Json:
    return {
        **store.dates(product, "created", "modified"),
        "status": product["status"],
        "description": product["description"],
        "sku": product["sku"],
        "global_unique_id": product["global_unique_id"],
        "price": price(store, product),
        "regular_price": product["regular_price"],
        "sale_price": product["sale_price"],
        **store.dates(product, "on_sale_from", "on_sale_to"),
        "on_sale": on_sale(store, product),
        "purchasable": product["status"] == "publish" and price(store, product) != "",
        "virtual": product["virtual"],
        "downloadable": product["downloadable"],
        "downloads": [],
        "download_limit": -1,
        "download_expiry": -1,
        "tax_status": product["tax_status"],
        "tax_class": product["tax_class"],
        **_stock(store, product),
        "weight": product["weight"],
        "dimensions": dict(product["dimensions"]),
        "shipping_class": "",
        "shipping_class_id": 0,
        "menu_order": product["menu_order"],
        "meta_data": [dict(entry) for entry in product["meta"]],
        "parent_id": product["parent_id"],
    }


def show(store: Store, product: Json, base: str) -> Json:
    """Either kind, in its own shape."""
    if product["type"] == "variation":
        return variation(store, product, base)
    return whole(store, product, base)


def variation(store: Store, product: Json, base: str) -> Json:
    parent = store.products.get(product["parent_id"], {})
    number, path = product["id"], f"/products/{product['parent_id']}/variations"
    wished = "&".join(
        f"attribute_{choice['slug']}={quote_plus(choice['option'])}" for choice in product["choices"]
    )
    return {
        "id": number,
        "type": "variation",
        "permalink": f"{base}/product/{parent.get('slug', '')}/?{wished}",
        **_common(store, product),
        "image": None,
        "attributes": [dict(choice) for choice in product["choices"]],
        "name": name_of_choices(product),
        "_links": links(base, f"{path}/{number}", path, up=f"/products/{product['parent_id']}"),
    }


def name_of_choices(product: Json) -> str:
    return ", ".join(choice["option"] for choice in product["choices"])


def whole(store: Store, product: Json, base: str) -> Json:
    return {
        "id": product["id"],
        "name": product["name"],
        "slug": product["slug"],
        "permalink": f"{base}/product/{product['slug']}/",
        "type": product["type"],
        **_common(store, product),
        "featured": product["featured"],
        "catalog_visibility": product["catalog_visibility"],
        "short_description": product["short_description"],
        "total_sales": product["total_sales"],
        "external_url": "",
        "button_text": "",
        "sold_individually": False,
        "shipping_required": not product["virtual"],
        "shipping_taxable": not product["virtual"],
        "reviews_allowed": True,
        "average_rating": "0.00",
        "rating_count": 0,
        "upsell_ids": [],
        "cross_sell_ids": [],
        "purchase_note": "",
        "categories": terms.shown(store, product, "categories"),
        "brands": terms.shown(store, product, "brands"),
        "tags": terms.shown(store, product, "tags"),
        "images": [dict(image) for image in product["images"]],
        "attributes": [dict(attribute) for attribute in product["attributes"]],
        "default_attributes": [],
        "variations": [child["id"] for child in children(store, product)],
        "grouped_products": [],
        "price_html": _html(store, product),
        "related_ids": [],
        "has_options": product["type"] == "variable",
        "post_password": "",
        "_links": links(base, f"/products/{product['id']}", "/products"),
    }

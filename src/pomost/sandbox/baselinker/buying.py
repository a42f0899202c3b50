"""The plain order: what everybody buys where chance is switched off."""

from decimal import Decimal
from typing import Any

from pomost.sandbox.baselinker import catalogue, defaults, people
from pomost.sandbox.baselinker.orders import total
from pomost.sandbox.baselinker.protocol import Json, money, number
from pomost.sandbox.baselinker.purchases import WISHES

MUGS = {"sku": "KUBEK-01", "name": "Kubek ceramiczny", "quantity": 2, "price_brutto": 29.95, "tax_rate": 23}
SOURCE = "personal"


def plain_order(now: int, wishes: dict[str, Any]) -> Json:
    """A raw order as in ``getOrders``: two mugs, paid, by courier, except what the wishes say otherwise.

    Raises ``ValueError`` for a wish that no buyer has.
    """
    for name in wishes:
        if name not in WISHES:
            raise ValueError(f"A buyer has no wish {name!r}; known are {', '.join(sorted(WISHES))}")
    lines = wishes.get("lines") or [MUGS]
    company, country, nip = wishes.get("company", ""), wishes.get("country", "PL"), wishes.get("nip", "")
    at, cod = int(wishes.get("at", now)), bool(wishes.get("cod", False))
    source = wishes.get("source", SOURCE)
    order: Json = {
        "status": wishes.get("status", defaults.STATUSES[0][1]),
        "confirmed": wishes.get("confirmed", True),
        "date_add": at,
        "date_confirmed": at,
        "date_in_status": at,
        "order_source": source,
        "order_source_id": people.SOURCES[source].account if source in people.SOURCES else 0,
        "email": wishes.get("email", "anna.przykladowa@example.com"),
        "phone": "+48500000100",
        "currency": wishes.get("currency", "PLN"),
        "payment_method": "Pobranie" if cod else "Przelewy24",
        "payment_method_cod": str(int(cod)),
        "delivery_method": "Kurier DPD",
        "delivery_price": wishes.get("delivery_price", 14.99),
        "delivery_country_code": country,
        "invoice_country_code": country,
        "invoice_nip": nip,
        "want_invoice": str(int(wishes.get("want_invoice", bool(nip)))),
        "products": [{**_known(line), **line} for line in lines],
    }
    if source == SOURCE:
        order["order_source_id"] = 0
    for side in ("delivery", "invoice"):
        order |= {
            f"{side}_fullname": "Anna Przykładowa",
            f"{side}_company": company,
            f"{side}_address": "ul. Testowa 7",
            f"{side}_city": "Kraków",
            f"{side}_postcode": "30-001",
        }
    order["payment_done"] = _paid(order, wishes.get("paid", not cod))
    return order


def _known(line: Json) -> Json:
    """What the catalogue says about the article of a line."""
    item = catalogue.BY_SKU.get(line.get("sku", ""))
    if item is None:
        return {**defaults.LINE, "name": f"Towar {line.get('sku', '')}"}
    return {
        **defaults.LINE,
        "name": item.name,
        "ean": item.ean,
        "product_id": item.product_id,
        "price_brutto": number(item.price_gross),
        "tax_rate": item.tax_rate,
    }


def _paid(order: Json, wish: Any) -> int | float:
    if isinstance(wish, bool):
        return number(total(order) if wish else Decimal(0))
    return number(money(wish))

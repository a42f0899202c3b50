"""One order, shaped by wishes."""

import random
from typing import Any

from pomost.sandbox.baselinker import buyers, defaults
from pomost.sandbox.baselinker.orders import total
from pomost.sandbox.baselinker.protocol import Json, number

MUGS = {"sku": "KUBEK-01", "name": "Kubek ceramiczny", "quantity": 2, "price_brutto": 29.95, "tax_rate": 23}
WISHES = [
    "lines",
    "nip",
    "want_invoice",
    "currency",
    "status",
    "paid",
    "cod",
    "delivery_price",
    "confirmed",
    "at",
    "email",
    "company",
    "country",
    "source",
]


def order_of_buyer(chance: random.Random | None, now: int, serial: int, wishes: dict[str, Any]) -> Json:
    """A raw order of one of the buyers; a plain, always equal one where there is no chance (seed 0).

    Raises ValueError for a wish that no buyer has.
    """
    for name in wishes:
        if name not in WISHES:
            raise ValueError(f"A buyer has no wish {name!r}; known are {', '.join(WISHES)}")
    return plain_order(now, wishes) if chance is None else buyers.make_order(chance, now, serial, **wishes)


def plain_order(now: int, wishes: dict[str, Any]) -> Json:
    """A raw order as in ``getOrders``: two mugs, paid, by courier."""
    lines = wishes.get("lines") or [MUGS]
    company, country, nip = wishes.get("company", ""), wishes.get("country", "PL"), wishes.get("nip", "")
    at, cod = int(wishes.get("at", now)), bool(wishes.get("cod", False))
    order: Json = {
        "status": wishes.get("status", defaults.STATUSES[0][1]),
        "confirmed": wishes.get("confirmed", True),
        "date_add": at,
        "date_confirmed": at,
        "date_in_status": at,
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
        "products": [{"name": f"Towar {line.get('sku', '')}", **line} for line in lines],
    }
    for side in ("delivery", "invoice"):
        order |= {
            f"{side}_fullname": "Anna Przykładowa",
            f"{side}_company": company,
            f"{side}_address": "ul. Testowa 7",
            f"{side}_city": "Kraków",
            f"{side}_postcode": "30-001",
        }
    if wishes.get("paid", not cod):
        order["payment_done"] = number(total(order))
    return order

"""Buyers: orders as people place them, driven by a seed."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from stdnum.pl import nip

from pomost.sandbox.baselinker.catalogue import ITEMS, Item, pick
from pomost.sandbox.baselinker.protocol import number

_PEOPLE = (
    "Anna Przykładowa",
    "Jan Testowy",
    "Łucja Próbna",
    "Żaneta Wzorcowa",
    "Świętosław Przykład",
    "Ewa Probierz",
)
_COMPANIES = ("Przykładowa Firma Sp. z o.o.", "Test-Bud Wzorcowy s.c.", "Żuraw i Córka Przykład S.A.")
_STREETS = ("ul. Przykładowa 1/2", "ul. Żółta 15", "al. Testowa 7 m. 3", "os. Próbne 4")
_CITIES = (("00-001", "Warszawa"), ("30-002", "Kraków"), ("90-003", "Łódź"), ("80-004", "Gdańsk"))
_PAYMENTS = ("Przelewy24", "Karta płatnicza", "BLIK", "PayU")


def _nip(rng: random.Random) -> str:
    digits = ""
    while not digits:
        body = f"{rng.randrange(100, 999)}{rng.randrange(10**6):06d}"
        digits = next((body + last for last in "0123456789" if nip.is_valid(body + last)), "")
    return rng.choice(
        (
            digits,
            f"{digits[:3]}-{digits[3:6]}-{digits[6:8]}-{digits[8:]}",
            f"PL{digits}",
            f"{digits[:3]} {digits[3:6]} {digits[6:]}",
        )
    )


def make_order(rng: random.Random, now: int, serial: int, **wanted: Any) -> dict[str, Any]:
    """A raw order as getOrders gives it, without ids. ``wanted`` sets what a test or a person wants exactly:

    lines (sku, quantity, price_brutto?, tax_rate?, name?), nip, company, want_invoice, currency, paid (True or an
    amount), cod, delivery_price, confirmed, at, email, country, source, and any key of an order as it is.
    """
    name = rng.choice(_PEOPLE)
    postcode, city = rng.choice(_CITIES)
    street = rng.choice(_STREETS)
    company_buyer = rng.random() < 0.3
    source = wanted.pop("source", None) or rng.choice(("allegro", "shop", "personal"))
    country = wanted.pop("country", "PL")
    lines = [_line(line) for line in wanted.pop("lines", None) or _basket(rng)]
    delivery_price = wanted.pop("delivery_price", None)
    if delivery_price is None:
        delivery_price = rng.choice(("0", "9.99", "14.99", "19.90"))
    order: dict[str, Any] = {
        "order_source": source,
        "order_source_id": {"allegro": 51877, "shop": 8235, "personal": 0}.get(source, 0),
        "external_order_id": f"ext-{serial:08d}" if source == "allegro" else "",
        "shop_order_id": 48000 + serial if source == "shop" else 0,
        "user_login": f"buyer_{serial}",
        "email": f"buyer{serial}@example.com",
        "phone": f"+48500{serial % 10**6:06d}",
        "currency": "PLN",
        "payment_method": rng.choice(_PAYMENTS),
        "delivery_method": rng.choice(("Kurier DPD", "Paczkomaty InPost", "Poczta Polska")),
        "delivery_price": number(Decimal(str(delivery_price))),
        "delivery_fullname": name,
        "delivery_address": street,
        "delivery_city": city,
        "delivery_postcode": postcode,
        "delivery_country_code": country,
        "invoice_fullname": name,
        "invoice_address": street,
        "invoice_city": city,
        "invoice_postcode": postcode,
        "invoice_country_code": country,
        "date_add": wanted.pop("at", now),
        "user_comments": rng.choice(("", "", "", "Proszę o szybką wysyłkę <b>& ładnie zapakować</b>")),
        "products": lines,
    }
    order["date_confirmed"] = order["date_in_status"] = order["date_add"]
    if order["delivery_method"].startswith("Paczkomaty"):
        order["delivery_point_id"] = "WAW01A"
        order["delivery_point_name"] = "Paczkomat WAW01A"
    tax_number = wanted.pop("nip", _nip(rng) if company_buyer else "")
    if tax_number:
        order["invoice_nip"] = tax_number
        order["invoice_company"] = wanted.pop("company", rng.choice(_COMPANIES))
    order["want_invoice"] = "1" if wanted.pop("want_invoice", bool(tax_number) or rng.random() < 0.1) else "0"
    cod = wanted.pop("cod", rng.random() < 0.15)
    paid = wanted.pop("paid", not cod)
    order["payment_method_cod"] = "1" if cod else "0"
    if cod:
        order["payment_method"] = "Pobranie"
    total = sum((Decimal(str(line["price_brutto"])) * line["quantity"] for line in lines), Decimal(0))
    total += Decimal(str(order["delivery_price"]))
    order["payment_done"] = number(total if paid is True else Decimal(str(paid or 0)))
    if wanted.get("confirmed") is False:
        order["date_confirmed"] = 0
    order.update(wanted)
    return order


def _basket(rng: random.Random) -> list[dict[str, Any]]:
    chosen: dict[str, Item] = {}
    for _line_number in range(rng.choice((1, 1, 2, 3, 4))):
        item = pick(rng)
        chosen[item.sku] = item
    lines: list[dict[str, Any]] = [
        {"sku": item.sku, "quantity": rng.choice((1, 1, 1, 2, 3))} for item in chosen.values()
    ]
    if rng.random() < 0.1:
        lines.append(
            {
                "sku": "",
                "name": "Rabat za newsletter",
                "quantity": 1,
                "price_brutto": "-1.50",
                "tax_rate": "23",
            }
        )
    return lines


_BY_SKU = {item.sku: item for item in ITEMS}


def _line(wanted: dict[str, Any]) -> dict[str, Any]:
    item = _BY_SKU.get(wanted.get("sku", ""))
    price = wanted.get("price_brutto", Decimal(item.price).scaleb(-2) if item else Decimal("10.00"))
    rest = {key: value for key, value in wanted.items() if key not in ("price_brutto", "tax_rate")}
    return {
        "name": item.name if item else wanted.get("sku", ""),
        "ean": item.ean if item else "",
        "product_id": str(700200000 + ITEMS.index(item)) if item else "",
        **rest,
        "price_brutto": number(Decimal(str(price))),
        "tax_rate": number(Decimal(str(wanted.get("tax_rate", item.vat if item else "23")))),
    }

"""What the sample shop sells: the same list seeds an ERP, so that SKUs fit on both sides."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import Any

from stdnum import ean as ean_number


@dataclass(frozen=True, slots=True)
class Item:
    """``price`` is gross in grosze; ``vat`` as BaseLinker writes it (-1 is exempt)."""

    sku: str
    name: str
    price: int
    vat: str
    ean: str
    stock: int = 1000


def _ean(number: int) -> str:
    body = f"590{number:09d}"
    return body + ean_number.calc_check_digit(body)


_KINDS = (
    ("KUBEK", "Kubek ceramiczny", 2499, "23"),
    ("TALERZ", "Talerz obiadowy", 3290, "23"),
    ("GARNEK", "Garnek stalowy", 15999, "23"),
    ("NOZ", "Nóż kuchenny", 8950, "23"),
    ("LAMPA", "Lampa biurkowa", 12900, "23"),
    ("WIERTARKA", "Wiertarka udarowa", 39900, "23"),
    ("POSCIEL", "Pościel bawełniana", 17999, "23"),
    ("FOTELIK", "Fotelik samochodowy dla dziecka", 64900, "8"),
    ("MIOD", "Miód wielokwiatowy", 3850, "5"),
    ("KSIAZKA", "Książka kucharska", 4990, "5"),
    ("HERBATA", "Herbata żółta jaśminowa", 1899, "8"),
    ("KURS", "Szkolenie z obsługi żurawia", 30000, "-1"),
)
_VARIANTS = ("mały", "średni", "duży", "zestaw", "łącznik żółty")
ITEMS: tuple[Item, ...] = tuple(
    Item(f"{code}-{number}", f"{name}, {variant}", price + 101 * number, vat, _ean(100 * kind + number))
    for kind, (code, name, price, vat) in enumerate(_KINDS)
    for number, variant in enumerate(_VARIANTS, 1)
)


def as_dicts() -> list[dict[str, Any]]:
    """The items for an ERP: sku, name, vat (as 23, 8, 5, zw), ean, stock and price in grosze."""
    return [{**asdict(item), "vat": "zw" if item.vat == "-1" else item.vat} for item in ITEMS]


def pick(rng: random.Random) -> Item:
    return ITEMS[rng.randrange(len(ITEMS))]

"""An item card as channels show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of an item beyond its SKU; None: nothing is said of it.

    ``name`` and ``description`` are in the company's language; ``texts``: (field, language) -> text in others.
    ``weight`` in kg. ``vat``: a rate as ``VatRate.of`` reads it. ``category``: its path, parts divided by "/".
    ``pictures``: addresses in their order. ``attributes``: name -> value.
    """

    sku: str
    name: str | None = None
    description: str | None = None
    ean: str | None = None
    unit: str | None = None
    vat: str | None = None
    weight: Decimal | None = None
    manufacturer: str | None = None
    category: str | None = None
    pictures: tuple[str, ...] | None = None
    attributes: Mapping[str, str] | None = None
    texts: Mapping[tuple[str, str], str] | None = None


CARD_FIELDS = tuple(one.name for one in fields(Card) if one.name != "sku")

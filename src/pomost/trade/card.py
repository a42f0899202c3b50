"""An item card as channels show it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pomost.trade.vat import VatRate


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of an item beyond its SKU; None: nothing is said of it.

    ``name`` and ``description`` are in the company's language; ``texts``: (field, language) -> text in others.
    ``weight`` in kg; ``height``, ``width``, ``length`` in cm. ``vat``: a rate as ``VatRate.of`` reads it. ``category``: its path, parts divided by "/".
    ``pictures``: addresses in their order. ``attributes``: name -> value. ``parent``: the main item of which this is a
    variant, by its SKU (between a channel and its connector: by the channel's id of that product).
    """

    sku: str
    name: str | None = None
    description: str | None = None
    ean: str | None = None
    unit: str | None = None
    vat: str | None = None
    weight: Decimal | None = None
    height: Decimal | None = None
    width: Decimal | None = None
    length: Decimal | None = None
    manufacturer: str | None = None
    category: str | None = None
    pictures: tuple[str, ...] | None = None
    attributes: Mapping[str, str] | None = None
    texts: Mapping[tuple[str, str], str] | None = None
    parent: str | None = None


CARD_FIELDS = tuple(one.name for one in fields(Card) if one.name != "sku")
SIZES = ("weight", "height", "width", "length")
"""Fields that are measured."""
MAPS = ("attributes", "texts")
"""Fields whose parts are compared and changed one by one; parts that the owner does not have are left alone."""
LONGEST_KEY, LONGEST_LANGUAGE = 200, 8
_HUNDREDTH = Decimal("0.01")
_ENDLESS = Decimal(10) ** 15
"""What is larger is no size of anything."""
_ONE_LINE = ("sku", "name", "ean", "unit", "vat", "manufacturer", "category", "parent")
# C0 and C1 without tab and new line: no channel shows them, some refuse them
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")


def tidy(card: Card) -> Card:
    """The card as both sides are compared and written: no control characters, names on one line, what is empty is None.

    HTML stays as it is, in descriptions and in names. Attributes and languages whose names are too long to be one are left out.
    """
    found: dict[str, Any] = {}
    for name in _ONE_LINE:
        value = getattr(card, name)
        found[name] = None if value is None else _line(value) or None
    found["sku"] = card.sku.strip()
    found["description"] = None if card.description is None else _text(card.description) or None
    found["pictures"] = tuple(one.strip() for one in card.pictures) if card.pictures else None
    attributes = {_line(key): _text(value) for key, value in (card.attributes or {}).items()}
    found["attributes"] = {
        key: value for key, value in attributes.items() if key and value and len(key) <= LONGEST_KEY
    } or None
    for name in SIZES:
        size: Decimal | None = getattr(card, name)
        found[name] = size if size is not None and size.is_finite() and 0 < size < _ENDLESS else None
    found["texts"] = {
        key: text
        for key, value in (card.texts or {}).items()
        if key[0] in ("name", "description")
        and 0 < len(key[1]) <= LONGEST_LANGUAGE
        and (text := _line(value) if key[0] == "name" else _text(value))
    } or None
    return replace(card, **found)


@dataclass(frozen=True, slots=True)
class Change:
    """A field that is shown otherwise than it shall be."""

    field: str
    before: str
    after: str


def differing(wanted: Card, shown: Card, owned: Iterable[str]) -> list[Change]:
    """The fields among ``owned`` of which ``wanted`` says something else than ``shown``; both tidy.

    What ``wanted`` does not say (or says emptily) changes nothing: nobody's texts are wiped by a card that is not filled
    in. Weights are compared to 0.01 kg, sizes to 0.01 cm, rates of VAT without their country.
    """
    found = []
    for name in owned:
        want, have = getattr(wanted, name), getattr(shown, name)
        if want is None:
            continue
        if name in MAPS:
            have = have or {}
            found += [
                Change(f"{name}.{_key(key)}", have.get(key, ""), value)
                for key, value in want.items()
                if have.get(key, "") != value
            ]
        elif _same_form(name, want) != _same_form(name, have):
            found.append(Change(name, shown_text(have), shown_text(want)))
    return found


YES = frozenset({"tak", "t", "yes", "y", "true", "1", "x"})


def says_yes(card: Card, attribute: str) -> bool:
    """Whether an attribute of the card says yes, in any of the ways in which sheets do."""
    return (card.attributes or {}).get(attribute, "").strip().casefold() in YES


def fields_of(changes: Iterable[Change]) -> tuple[str, ...]:
    """The fields that the changes are of, each once."""
    return tuple(dict.fromkeys(change.field.partition(".")[0] for change in changes))


def print_of(card: Card, field: str) -> str:
    """A short fingerprint of a field."""
    value = getattr(card, field)
    text = repr(sorted(value.items())) if isinstance(value, Mapping) else repr(_same_form(field, value))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def shown_text(value: Any) -> str:
    """A field as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "; ".join(f"{_key(key)}: {one}" for key, one in value.items())
    if isinstance(value, tuple):
        return ", ".join(one if len(one) <= 100 else f"{one[:40]}… ({len(one)})" for one in value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _same_form(field: str, value: Any) -> Any:
    if value is None:
        return None
    if field in SIZES:
        return Decimal(value).quantize(_HUNDREDTH, ROUND_HALF_UP) or None
    if field == "vat":
        try:
            rate = VatRate.of(value)
        except ValueError:
            return value
        return rate.special or rate.percent.normalize()
    return value


def without_control(text: str) -> str:
    """A text of a shop as it may be shown anywhere, a terminal among it."""
    return _text(text)


def _key(key: Any) -> str:
    return "|".join(key) if isinstance(key, tuple) else str(key)


def _text(value: str) -> str:
    return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _line(value: str) -> str:
    return " ".join(_text(value).split())

"""The unit of an item where a channel has no field for it: it is shown as an attribute of a chosen name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pomost.trade.card import Card


def unit_read(card: Card, attribute: str) -> Card:
    """A card as a channel shows it, with what stands under this attribute as its unit."""
    unit = (card.attributes or {}).get(attribute, "")
    return replace(without_unit(card, attribute), unit=unit or None) if attribute else card


def without_unit(card: Card, attribute: str) -> Card:
    """The card without the attribute that is its unit."""
    if not attribute or attribute not in (card.attributes or {}):
        return card
    rest = {name: value for name, value in (card.attributes or {}).items() if name != attribute}
    return replace(card, attributes=rest or None)


def unit_shown(card: Card, attribute: str) -> Card:
    """The card as the channel shows it: the opposite of ``unit_read``."""
    if not attribute or not card.unit:
        return card
    return replace(card, attributes={**(card.attributes or {}), attribute: card.unit})


def unit_written(card: Card, fields: Iterable[str], attribute: str) -> tuple[Card, tuple[str, ...]]:
    """The card and the fields of it as the channel takes them: the unit among the attributes, and of these nothing else
    that was not to be written."""
    fields = tuple(fields)
    if "unit" not in fields:
        return card, fields
    rest = tuple(name for name in fields if name not in ("unit", "attributes"))
    if not attribute:
        return card, rest + (("attributes",) if "attributes" in fields else ())
    own = card if "attributes" in fields else replace(card, attributes=None)
    return unit_shown(own, attribute), (*rest, "attributes")

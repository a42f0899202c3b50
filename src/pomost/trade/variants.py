"""Which item is a variant of which: one level only, so that a main item is never a variant itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from pomost.trade.card import Card

Wrong = Literal["itself", "unknown", "variant", "main"]
"""Why an item can't be a variant of another one: that is the item itself, is not there, is a variant of a third one; or the
item has variants of its own."""


def wrong_parents(
    asked: Mapping[str, str], before: Mapping[str, str], known: Collection[str]
) -> dict[str, Wrong]:
    """What is wrong in ``asked`` (SKU -> its main item, empty: none any more), all of it taken together.

    ``before``: SKU -> main item so far, of the items asked, of their main items and of the variants of those asked.
    ``known``: the items that are there. Where nothing is wrong, no main item is a variant afterwards.
    """
    after = {sku: parent for sku, parent in {**before, **asked}.items() if parent}
    mains = set(after.values())
    found: dict[str, Wrong] = {}
    for sku, parent in asked.items():
        if not parent:
            continue
        if parent == sku:
            found[sku] = "itself"
        elif parent not in known:
            found[sku] = "unknown"
        elif parent in after:
            found[sku] = "variant"
        elif sku in mains:
            found[sku] = "main"
    return found


def choices_among(variants: Iterable[Card]) -> dict[str, tuple[str, ...]]:
    """By which attributes the variants of one item differ: those that all of them have, with more than one value among them.

    Values in the order of the cards. One variant alone differs by all that it has: others may follow.
    """
    cards = list(variants)
    if not cards:
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for name in cards[0].attributes or {}:
        values = [(card.attributes or {}).get(name, "") for card in cards]
        different = tuple(dict.fromkeys(values))
        if all(values) and (len(different) > 1 or len(cards) == 1):
            found[name] = different
    return found

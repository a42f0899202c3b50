"""Which item is a variant of which: one level only, so that a main item is never a variant itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

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

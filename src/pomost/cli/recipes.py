"""Recipes as they are typed on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from pomost.ports import NeedsPerson


def recipe_of(parts: Iterable[str]) -> dict[str, dict[str, Any]]:
    """PART=QUANTITY or PART=QUANTITY+LOSS, as a card's recipe. Raises NeedsPerson ``trade.bad-recipe``."""
    found: dict[str, dict[str, Any]] = {}
    for text in parts:
        sku, _, amount = text.rpartition("=")
        quantity, _, loss = amount.partition("+")
        try:
            found[sku] = {"quantity": Decimal(quantity), "loss": Decimal(loss or "0")}
        except InvalidOperation:
            sku = ""
        if not sku:
            raise NeedsPerson(
                "trade.bad-recipe",
                f'"{text}" is no part of a recipe.',
                "Write PART=QUANTITY, e.g. KUBEK-1=2.",
            )
    return found

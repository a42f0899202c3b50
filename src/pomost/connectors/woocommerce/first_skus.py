"""SKUs of orders that were taken before: they stay what they were when Pomost took them. Pure.

The SKU in a line of an order is that of the product now: rename it, and old orders show the new one; delete the product, and
they show none (reference, section 5.5). Name and amounts are frozen in the shop; the item behind a document must be so too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from pomost.connectors.values import as_list, as_text
from pomost.ports import Json

Taken = Callable[[Collection[str]], Mapping[str, Json]]
"""Orders of the shop for which something was made already, among these: id -> its raw form as it is kept."""


def with_first_skus(raw: Json, taken: Json | None) -> Json:
    """The order as the shop gives it, its lines with the SKUs by which they were taken; quantities and amounts as they are.

    A line keeps its SKU as long as it is of the same product and variation, or of one that is deleted by now. A line that the
    shop's people gave another product, and one that had no SKU, has what the shop says.
    """
    if not taken:
        return raw
    before = {as_text(line.get("id")): line for line in _lines(taken) if as_text(line.get("sku")).strip()}
    lines = [_kept(line, before.get(as_text(line.get("id")))) for line in _lines(raw)]
    return {**raw, "line_items": lines} if lines else raw


def _kept(line: Json, before: Json | None) -> Json:
    if before is None or not _is_same(line, before) or as_text(line.get("sku")) == as_text(before.get("sku")):
        return line
    return {**line, "sku": before["sku"]}


def _is_same(line: Json, before: Json) -> bool:
    now, was = _product(line), _product(before)
    deleted = now[0] in ("", "0")
    return now == was or deleted


def _product(line: Json) -> tuple[str, str]:
    return as_text(line.get("product_id")), as_text(line.get("variation_id"))


def _lines(raw: Json) -> list[dict[str, Any]]:
    return [line for line in as_list(raw.get("line_items")) if isinstance(line, dict)]

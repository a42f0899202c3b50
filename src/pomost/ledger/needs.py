"""What a document waits for, as text: "item:SKU" and "stock:SKU@WAREHOUSE", the latter with what makes it exact.

``#LINE`` is the order line whose reservation counts for the waiting document, ``*QUANTITY`` how much must be there;
without it any will do (a partial document).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_STOCK = re.compile(r"stock:(.*)@(.*?)(?:#(\d+))?(?:\*([0-9.]+))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StockNeed:
    """``quantity`` None: any."""

    sku: str
    warehouse: str
    reserved_line: int | None = None
    quantity: Decimal | None = None

    @property
    def text(self) -> str:
        line = f"#{self.reserved_line}" if self.reserved_line is not None else ""
        quantity = f"*{self.quantity.normalize():f}" if self.quantity is not None else ""
        return f"stock:{self.sku}@{self.warehouse}{line}{quantity}"


def read_stock_need(text: str) -> StockNeed | None:
    """None when it is not about stock."""
    found = _STOCK.fullmatch(text)
    if found is None:
        return None
    sku, warehouse, line, quantity = found.groups()
    return StockNeed(sku, warehouse, int(line) if line else None, Decimal(quantity) if quantity else None)

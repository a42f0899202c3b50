"""The look-ups that making a document needs, with what each keeps in memory."""

from __future__ import annotations

from dataclasses import dataclass, field

from pomost.ledger.companies import Warehouses
from pomost.ledger.contractors import Contractors
from pomost.ledger.items import Items


@dataclass(frozen=True, slots=True)
class Cards:
    """One of each for a ledger; shared by its threads."""

    items: Items = field(default_factory=Items)
    contractors: Contractors = field(default_factory=Contractors)
    warehouses: Warehouses = field(default_factory=Warehouses)

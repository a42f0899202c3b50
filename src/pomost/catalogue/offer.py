"""What of an ERP is offered in which catalogue of which channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pomost.ports.catalogue import CatalogueChannel, CatalogueErp
from pomost.trade.availability import StockRule
from pomost.trade.pricing import PriceRule

Match = Literal["sku", "ean", "id"]


@dataclass(frozen=True, slots=True)
class Offer:
    """One entry of the configuration, with the two sides it joins.

    ``id``: its number in the store. ``catalogue``: the channel's own id. ``stock``: warehouse of the channel -> how its
    figure is made. ``prices``: price group of the channel -> how its prices are made. ``id_attribute``: the attribute of the
    item that holds the product's id, with match = id.
    """

    id: int
    name: str
    company: str
    erp: CatalogueErp
    channel: CatalogueChannel
    catalogue: str
    match: Match = "sku"
    id_attribute: str = ""
    stock: Mapping[str, StockRule] = field(default_factory=dict)
    prices: Mapping[str, PriceRule] = field(default_factory=dict)

    @property
    def companies(self) -> tuple[str, ...]:
        """The companies whose stock counts, the offering one first."""
        found = dict.fromkeys([self.company])
        for rule in self.stock.values():
            found.update(dict.fromkeys(company for company, _ in rule.warehouses))
        return tuple(found)

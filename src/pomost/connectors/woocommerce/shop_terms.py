"""What a shop says of its currency, of how its prices are typed, of its VAT rates and its unit of weight."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pomost.connectors.values import as_decimal, as_text
from pomost.connectors.woocommerce.catalogue_mapping import STANDARD, Terms
from pomost.connectors.woocommerce.client import WooCommerceClient
from pomost.connectors.woocommerce.errors import unclear
from pomost.connectors.woocommerce.settings import Settings
from pomost.ports import Json, Priority, StopConnection
from pomost.trade.vat import VatRate

KEPT_S = 600.0
"""Seconds for which it is believed: a shop that begins to type net says so to nobody."""
_KILOGRAMS = {
    "kg": Decimal(1),
    "g": Decimal("0.001"),
    "lbs": Decimal("0.45359237"),
    "oz": Decimal("0.028349523125"),
}


class ShopTerms:
    """Terms of one shop, asked when they are first needed and every ten minutes; thread-safe."""

    def __init__(self, settings: Settings, client: WooCommerceClient) -> None:
        self._settings = settings
        self._client = client
        self._asking = threading.Lock()
        self._known: tuple[Terms, float] | None = None

    def now(self, *, anew: bool = False) -> Terms:
        """Raises as calls do."""
        with self._asking:
            if anew or self._known is None or time.monotonic() - self._known[1] > KEPT_S:
                self._known = (self._ask(), time.monotonic())
            return self._known[0]

    def _ask(self) -> Terms:
        general, tax = self._options("general"), self._options("tax")
        taxed = general.get("woocommerce_calc_taxes") == "yes"
        net = taxed and tax.get("woocommerce_prices_include_tax") == "no"
        country = general.get("woocommerce_default_country", "").partition(":")[0].strip().upper()
        return Terms(
            currency=general.get("woocommerce_currency", "").upper(),
            net=net,
            taxed=taxed,
            rates=rates_at_home(self._rates(), country, self._settings.tax_classes) if taxed else {},
            kilograms=_KILOGRAMS.get(self._weight_unit(), Decimal(1)),
        )

    def _options(self, group: str) -> dict[str, str]:
        rows = self._client.get(f"settings/{group}", priority=Priority.CATALOGUE)
        if not isinstance(rows, list):
            raise unclear(f"GET settings/{group}", "its answer is no list", False)
        return {as_text(row.get("id")): as_text(row.get("value")) for row in rows if isinstance(row, dict)}

    def _weight_unit(self) -> str:
        try:
            return self._options("products").get("woocommerce_weight_unit", "kg")
        except StopConnection as refused:
            if refused.code != "woocommerce.no-api":
                raise
            return "kg"

    def _rates(self) -> list[Json]:
        asked: dict[str, str | int] = {"orderby": "id", "order": "asc"}
        return [row for rows in self._client.pages("taxes", asked, Priority.CATALOGUE) for row in rows]


def rates_at_home(
    rows: Iterable[Json], country: str, by_class: Mapping[str, str]
) -> dict[str, VatRate | None]:
    """Tax class -> the rate of VAT at home. None: the shop has several, or one that holds in a part of the country.

    ``by_class``: what was configured for classes that no rate tells apart (0, zw, np, oo); it goes before a rate of 0 and where the
    shop has none.
    """
    found: dict[str, list[VatRate | None]] = {}
    for row in rows:
        if as_text(row.get("country")).strip().upper() in (country, ""):
            found.setdefault(as_text(row.get("class")).strip() or STANDARD, []).append(_rate(row))
    rates: dict[str, VatRate | None] = {
        name: some[0] if len(some) == 1 else None for name, some in found.items()
    }
    for name, word in by_class.items():
        known = rates.get(name or STANDARD)
        if (name or STANDARD) not in found or (known is not None and not known.percent):
            try:
                rates[name or STANDARD] = VatRate.of(word)
            except ValueError:
                rates[name or STANDARD] = None
    return rates


def _rate(row: Json) -> VatRate | None:
    if any(_filled(row.get(name)) for name in ("state", "postcode", "city", "postcodes", "cities")):
        return None
    try:
        return VatRate.of(as_decimal(row.get("rate")))
    except ValueError:
        return None


def _filled(value: Any) -> bool:
    return value not in (None, "", "*", [], {})

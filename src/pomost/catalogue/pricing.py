"""The prices of products, by the rules of the offer."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal

import structlog

from pomost.catalogue.offer import Offer
from pomost.ports import Failure, Json, RateSource
from pomost.ports.catalogue import Stream
from pomost.store.figures import What
from pomost.trade.currency_rate import rate_day
from pomost.trade.pricing import Priced, PriceRule, price
from pomost.trade.vat import VatRate

log = structlog.get_logger("pomost.catalogue")


class PriceMaker:
    """Gross prices for each price group. What has no price, or one below its floor, is not written."""

    what: What = "price"
    stream: Stream = "card"

    def __init__(self, offer: Offer, rates: RateSource, today: Callable[[], date]) -> None:
        self._offer = offer
        self._rates = rates
        self._today = today
        self.companies: tuple[str, ...] = (offer.company,)
        self._day = today()
        self._known: dict[str, Decimal] = {}

    def grounds(self, before: Json) -> Json:
        """The rules, the promotions that run today, and the exchange rates; those of before where there are none today."""
        self._day = self._today()
        rules = self._offer.prices
        kept = {name: Decimal(value) for name, value in before.get("rates", {}).items()}
        self._known = {name: self._rate(name, kept) for name in sorted(self._currencies())}
        return {
            "rules": {place: _text(rule) for place, rule in sorted(rules.items())},
            "run": sorted(
                f"{place}:{number}"
                for place, rule in rules.items()
                for number, one in enumerate(rule.promotions)
                if one.runs(self._day)
            ),
            "rates": {name: str(value) for name, value in self._known.items()},
        }

    def figures(self, skus: Collection[str]) -> Mapping[str, Mapping[str, Decimal]]:
        return {
            sku: found
            for sku, places in self.price(skus).items()
            if (found := {place: one.figure for place, one in places.items() if one.figure is not None})
        }

    def price(self, skus: Collection[str]) -> dict[str, dict[str, Priced]]:
        """SKU -> price group -> the price and how it came about, or why there is none."""
        offer = self._offer
        levels = offer.erp.prices(offer.company, skus)
        cards = offer.erp.cards(offer.company, skus)
        return {
            sku: {
                place: price(
                    rule, sku, levels.get(sku, {}), VatRate.of(cards[sku].vat or "0"), self._known, self._day
                )
                for place, rule in offer.prices.items()
            }
            for sku in skus
            if sku in cards
        }

    def _currencies(self) -> set[str]:
        """Foreign currencies of the price groups and of the ERP's levels that are known to need a rate."""
        return {
            name
            for rule in self._offer.prices.values()
            for name in (rule.currency, *rule.level_currencies)
            if name and name != "PLN"
        }

    def _rate(self, currency: str, kept: Mapping[str, Decimal]) -> Decimal:
        try:
            return self._rates.rate(currency, rate_day(self._day)).value
        except Failure as failure:
            if currency not in kept:
                raise
            log.warning("rate-of-before-kept", currency=currency, code=failure.code)
            return kept[currency]


def _text(rule: PriceRule) -> str:
    """The rule as a text that is the same in every process."""
    return json.dumps(
        asdict(rule), default=lambda value: sorted(value) if isinstance(value, frozenset) else str(value)
    )

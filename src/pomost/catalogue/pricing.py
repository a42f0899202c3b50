"""The prices of products, by the rules of the offer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal

import structlog

from pomost.catalogue.deciding import ALL, Scope, Withheld
from pomost.catalogue.offer import Offer
from pomost.ports import Failure, Json, RateSource
from pomost.ports.catalogue import Stream
from pomost.store.figures import What
from pomost.trade.card import Card
from pomost.trade.pricing import Priced, PriceRule, Renewed, price, rate_day_of_prices
from pomost.trade.vat import VatRate

log = structlog.get_logger("pomost.catalogue")

ASK_AGAIN_S = 60.0
"""After rates that were not to be had: stock and other prices do not wait for a bank that does not answer."""


class PriceMaker:
    """Gross prices for each price group. What has no price, or one below its floor, is withheld with the reason."""

    what: What = "price"
    stream: Stream = "card"

    def __init__(
        self,
        offer: Offer,
        rates: RateSource,
        today: Callable[[], date],
        renewed: Renewed = "day",
        before: int = 1,
    ) -> None:
        self._renewed = renewed
        self._before = before
        self._offer = offer
        self._rates = rates
        self._today = today
        self.companies: tuple[str, ...] = (offer.company,)
        self._day = today()
        self._known: dict[str, Decimal] = {}
        self.failed: Failure | None = None
        self._ask_at = 0.0

    def grounds(self, before: Json) -> Json:
        """The rules, the promotions that run today, and the exchange rates; those of before where there are none today.

        What needs a rate that never was to be had is withheld until it is.
        """
        self._day = self._today()
        rules = self._offer.prices
        kept = {name: Decimal(value) for name, value in before.get("rates", {}).items()}
        self._known = self._rates_by({**kept, **self._known})
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

    def scope(self, before: Json, now: Json) -> Scope:
        """A promotion touches its own group and items. A rate touches everything: any level may be kept in any currency."""
        if (before.get("rules"), before.get("rates")) != (now["rules"], now["rates"]):
            return ALL
        places: set[str] = set()
        skus: set[str] | None = set()
        for text in set(before["run"]) ^ set(now["run"]):
            place, _, number = text.rpartition(":")
            only = self._offer.prices[place].promotions[int(number)].skus
            places.add(place)
            skus = None if skus is None or not only else skus | only
        return Scope(None if skus is None else frozenset(skus), frozenset(places))

    def figures(self, skus: Collection[str]) -> Mapping[str, Mapping[str, Decimal | Withheld]]:
        return {
            sku: {
                place: Withheld(_why(self._offer.prices[place], one)) if one.figure is None else one.figure
                for place, one in places.items()
            }
            for sku, places in self.price(skus).items()
        }

    def price(self, skus: Collection[str]) -> dict[str, dict[str, Priced]]:
        """SKU -> price group -> the price and how it came about, or why there is none."""
        offer = self._offer
        levels = offer.erp.prices(offer.company, skus)
        cards = offer.erp.cards(offer.company, skus)
        return {
            sku: {
                place: price(rule, sku, levels.get(sku, {}), _vat(cards[sku]), self._known, self._day)
                for place, rule in offer.prices.items()
            }
            for sku in skus
            if sku in cards
        }

    def rate_day(self) -> date:
        """The day whose rates hold."""
        return rate_day_of_prices(self._day, self._renewed, self._before)

    def _currencies(self) -> set[str]:
        """Foreign currencies of the price groups and of the ERP's levels that are known to need a rate."""
        return {
            name
            for rule in self._offer.prices.values()
            for name in (rule.currency, *rule.level_currencies)
            if name and name != "PLN"
        }

    def _rates_by(self, before: Mapping[str, Decimal]) -> dict[str, Decimal]:
        """Currency -> its rate, or that of before; without those that have none."""
        currencies = sorted(self._currencies())
        if time.monotonic() < self._ask_at:
            return {name: before[name] for name in currencies if name in before}
        self.failed, self._ask_at = None, 0.0
        found: dict[str, Decimal] = {}
        for name in currencies:
            try:
                found[name] = self._rates.rate(name, self.rate_day()).value
            except Failure as failure:
                self.failed, self._ask_at = failure, time.monotonic() + ASK_AGAIN_S
                log.warning(
                    "rate-of-before-kept" if name in before else "prices-without-rate",
                    currency=name,
                    code=failure.code,
                )
                if name in before:
                    found[name] = before[name]
        return found


def _vat(card: Card) -> VatRate | None:
    try:
        return VatRate.of(card.vat) if card.vat else None
    except ValueError:
        return None


def _why(rule: PriceRule, priced: Priced) -> str:
    facts = {
        "why": priced.why,
        "level": rule.floor_level if priced.why == "no-floor" else priced.level,
        "currency": rule.currency,
        "floor": None if priced.floor is None else str(priced.floor),
        "offered": None if priced.offered is None else str(priced.offered),
    }
    return json.dumps({name: value for name, value in facts.items() if value is not None})


def _text(rule: PriceRule) -> str:
    """The rule as a text that is the same in every process."""
    return json.dumps(
        asdict(rule), default=lambda value: sorted(value) if isinstance(value, frozenset) else str(value)
    )

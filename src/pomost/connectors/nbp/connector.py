"""Rates by day, each asked for once."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from pomost.connectors.nbp.client import Client
from pomost.connectors.nbp.mapping import rate_from_wire
from pomost.ports import NeedsPerson, Rate


class NbpRates:
    """The NBP's middle rates (table A). ``fixed`` rates take their place where given."""

    def __init__(self, url: str, fixed: Mapping[str, Decimal]) -> None:
        self._client = Client(url)
        self._fixed = FixedRates(fixed)
        self._known: dict[tuple[str, date], Rate] = {}
        self._lock = threading.Lock()

    def rate(self, currency: str, day: date) -> Rate:
        if self._fixed.has(currency):
            return self._fixed.rate(currency, day)
        with self._lock:
            known = self._known.get((currency, day))
            if known is None:
                known = rate_from_wire(self._client.rate(currency, day))
                self._known[(currency, day)] = known
        return known


class FixedRates:
    """Rates from the configuration."""

    def __init__(self, fixed: Mapping[str, Decimal]) -> None:
        self._fixed = dict(fixed)

    def has(self, currency: str) -> bool:
        return currency in self._fixed

    def rate(self, currency: str, day: date) -> Rate:
        if currency not in self._fixed:
            raise NeedsPerson(
                "rates.missing",
                f"There is no rate of {currency} for {day}.",
                f"Add {currency} under [rates.fixed].",
            )
        return Rate(self._fixed[currency], f"kurs stały {day}")

"""The public API of the NBP: one table of one day."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import httpx2
import stamina

from pomost.ports import Json, NeedsPerson, TryAgain
from pomost.tls import trusted


class Client:
    def __init__(self, url: str, timeout_s: float = 15.0) -> None:
        self._url = url.rstrip("/")
        self._http = httpx2.Client(verify=trusted(), timeout=timeout_s)

    def rate(self, currency: str, day: date) -> Json:
        """The answer for one currency and day. Raises NeedsPerson when there is no rate, TryAgain when none comes."""
        for attempt in stamina.retry_context(on=TryAgain, attempts=3, wait_initial=0.2, timeout=30.0):
            with attempt:
                return self._get(currency, day)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _get(self, currency: str, day: date) -> Json:
        try:
            response = self._http.get(
                f"{self._url}/exchangerates/rates/a/{currency.lower()}/{day}/?format=json"
            )
        except httpx2.HTTPError as error:
            raise TryAgain(
                "nbp.unreachable", f"The NBP can't be reached ({type(error).__name__}).", "It is tried again."
            ) from error
        if response.status_code == 404:
            raise NeedsPerson(
                "nbp.no-rate",
                f"The NBP published no rate of {currency} on {day}.",
                "Give it under [rates.fixed].",
            )
        try:
            answer = json.loads(response.content, parse_float=Decimal)
        except ValueError as error:
            raise TryAgain("nbp.no-answer", "The NBP answered with no JSON.", "It is tried again.") from error
        if response.status_code >= 400 or not isinstance(answer, dict):
            raise TryAgain(
                "nbp.no-answer", f"The NBP answered HTTP {response.status_code}.", "It is tried again."
            )
        return answer

"""What Apaczka's refusals mean. There is nothing but prose, so that it is read with care (reference, section 3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pomost.connectors.carriers import failures
from pomost.connectors.carriers.failures import told
from pomost.ports import Failure, InDoubt

_KEY = re.compile(r"sygnatur|signature|aplikacj|application|app_id|autoryzac|unauthor", re.IGNORECASE)
_MISSING = re.compile(r"order not found|zamówieni\w* nie (istnieje|zostało znalezione)", re.IGNORECASE)
_TELLS_WHAT = re.compile(
    r"niepraw|błędn(y|a|e) |wymagan|brak |niedostępn|nie istnieje|nie obsługuje|za dług|za krót|wyceny|musi |podaj"
    r"|invalid|required|missing|not found|not available|too long|must ",
    re.IGNORECASE,
)
"""Prose that says what is wrong with an order was said before it was made; of any other nobody knows that."""


def personal(request: Any) -> Iterator[str]:
    """What an order says about sender and receiver."""
    order = request.get("order") if isinstance(request, dict) else None
    addresses = order.get("address") if isinstance(order, dict) else None
    for address in addresses.values() if isinstance(addresses, dict) else ():
        yield from (value for value in address.values() if isinstance(value, str))


def refusal(call: str, message: str, *, about: str, request: Any, write: bool) -> Failure:
    """``about`` is the id of an order, or the reference of one that is made."""
    if _KEY.search(message):
        return failures.bad_key()
    if _MISSING.search(message) and not write:
        return failures.not_found(about)
    prose = told(message, personal(request))
    if write and not _TELLS_WHAT.search(message):
        return InDoubt(
            "carrier.error-after-order",
            f"The carrier answered the order of shipment {about} with words of unknown meaning: {prose}.",
            "It may have been carried out; Pomost looks before it repeats it.",
            reference=about,
        )
    return failures.refused(call, prose or "…")

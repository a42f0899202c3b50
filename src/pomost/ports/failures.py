"""Failures by what comes next.

Failure
├── TryAgain         the same request may succeed soon (time-out of a read, 5xx, HTML instead of JSON)
├── WaitUntil        it may succeed after a moment that is known (blocked token, limit)
├── Waiting          it will succeed once something appears (an item card, goods in stock)
├── NeedsPerson      it will not succeed until somebody changes something
├── StopConnection   nothing on this connection will succeed (wrong token)
└── InDoubt          nobody knows whether it happened: ask the other side before repeating
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

Json = dict[str, Any]


class Failure(Exception):
    """What went wrong, for whom, and what to do about it.

    ``code`` is stable and listed in docs/reference/errors.md. ``text`` says who and what, ``advice`` what to do.
    Neither holds secrets or personal data, so both may be logged.
    """

    def __init__(self, code: str, text: str, advice: str = "", **facts: str) -> None:
        super().__init__(f"{text} {advice}".strip())
        self.code = code
        self.text = text
        self.advice = advice
        self.facts = facts

    def name_connection(self, name: str) -> None:
        """Puts the connection's name before the text: an account is one of several."""
        self.text = f'"{name}": {self.text}'
        self.args = (f"{self.text} {self.advice}".strip(),)


class TryAgain(Failure):
    """The same request may succeed soon."""


class WaitUntil(Failure):
    """It may succeed after ``until`` (aware datetime)."""

    def __init__(self, code: str, text: str, until: datetime, advice: str = "", **facts: str) -> None:
        super().__init__(code, text, advice, **facts)
        self.until = until


class Waiting(Failure):
    """It goes on by itself once ``needs`` appears, e.g. ("item:KUBEK-1",) or ("stock:KUBEK-1",)."""

    def __init__(self, code: str, text: str, needs: tuple[str, ...], advice: str = "", **facts: str) -> None:
        super().__init__(code, text, advice, **facts)
        self.needs = needs


class NeedsPerson(Failure):
    """It will not succeed until somebody changes something."""


class StopConnection(Failure):
    """Nothing on this connection will succeed until somebody changes its settings."""


class InDoubt(Failure):
    """The request may or may not have been carried out."""

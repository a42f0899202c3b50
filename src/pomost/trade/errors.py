"""What the rules of trade refuse, and why."""

from __future__ import annotations


class Refused(ValueError):
    """A rule of trade refuses something; it stays refused until somebody changes the order or a rule.

    ``code`` is stable and listed in docs/reference/errors.md. ``text`` says what, ``advice`` what to do, ``facts``
    the values behind it. None of them holds personal data, so all may be logged.
    """

    def __init__(self, code: str, text: str, advice: str = "", **facts: str) -> None:
        super().__init__(f"{text} {advice}".strip())
        self.code = code
        self.text = text
        self.advice = advice
        self.facts = facts


class MissingSku(Refused):
    """A line with a price names no item, and no rule says which item stands for it."""

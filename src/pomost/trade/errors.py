"""What the rules of trade refuse."""

from __future__ import annotations


class Refused(ValueError):
    """A rule refuses it: ``code`` is stable, ``text`` says what, ``advice`` what to do."""

    def __init__(self, code: str, text: str, advice: str = "", **facts: str) -> None:
        super().__init__(f"{text} {advice}".strip())
        self.code = code
        self.text = text
        self.advice = advice
        self.facts = facts

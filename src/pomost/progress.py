"""How far a long act is, told to whoever shows it: a bar in the terminal, a page of the panel."""

from __future__ import annotations

from typing import Protocol


class Report(Protocol):
    """Told how far it is: ``done`` of ``total`` (0: nobody knows), and in words where there are any. May raise: whoever is told
    ends the act by it."""

    def __call__(self, done: int, total: int = 0, said: str = "") -> None: ...


def silent(done: int, total: int = 0, said: str = "") -> None:
    """Nobody is told."""

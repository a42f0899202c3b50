"""What may happen to documents, as data."""

from __future__ import annotations

from typing import Literal

from pomost.ports import NeedsPerson
from pomost.trade.documents import KINDS, State
from pomost.trade.states import CHANGES, may_change

Aspect = Literal["order", "goods", "invoice", "gather"]
CORRECTED = "correct"
"""The aspect of a correction's relation to what it corrects: nothing is realised by it."""

GATHERED: Aspect = "gather"
"""The aspect of an MM's relation to the order that it brings goods for: nothing is realised by it either."""

StockBy = Literal["self", "later", "source", "none"]

CONVERTIBLE: dict[str, frozenset[State]] = {kind: frozenset({"approved"}) for kind in KINDS}
"""The states in which a document of a kind may be turned into others: a document in bufor is still being written."""

ALWAYS_MOVES_STOCK = frozenset({"WZ", "PZ", "PW", "RW", "PWP", "RWS", "MM"})
"""Warehouse documents: they have no other purpose than to move goods."""

ASPECT_OF: dict[str, Aspect] = {
    "WZ": "goods",
    "PZ": "goods",
    "FS": "invoice",
    "PA": "invoice",
    "FZ": "invoice",
}
"""What a target takes over from a source that is not an order: a PA can have both its goods issued and an FS made."""


def aspect_of(source_kind: str, target_kind: str) -> Aspect:
    """An order is realised once, by whichever document; the others once for goods and once for the invoice."""
    return "order" if KINDS[source_kind].reserves or source_kind == "ZD" else ASPECT_OF[target_kind]


def stock_by(kind: str, source_kind: str, moves_stock: bool, issued_by: str = "") -> StockBy:
    """Who moves the goods of a document: it itself, a later document, its source, or nobody (also where another company
    does: ``issued_by``)."""
    if not KINDS[kind].stock:
        return "none"
    if kind in ALWAYS_MOVES_STOCK:
        return "self"
    if source_kind and KINDS[source_kind].stock:
        return "source"
    if issued_by:
        return "none"
    return "self" if moves_stock else "later"


def check_move(kind: str, number: str, before: State, after: State) -> None:
    """Raises NeedsPerson ``ledger.state`` when trade does not let a document go from one state to the other."""
    if not may_change(kind, before, after):
        allowed = sorted(target for source, target in CHANGES[kind] if source == before)
        raise NeedsPerson(
            "ledger.state",
            f"{number} is {before} and can't become {after}.",
            f"It can become {' or '.join(allowed)}." if allowed else "Nothing changes it any more.",
        )

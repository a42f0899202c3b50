"""Which changes of a document's state are permitted, as data."""

from __future__ import annotations

from pomost.trade.documents import KINDS, State

_TRADE: frozenset[tuple[State, State]] = frozenset(
    {
        ("bufor", "approved"),
        ("bufor", "cancelled"),
        ("approved", "cancelled"),
    }
)

CHANGES: dict[str, frozenset[tuple[State, State]]] = dict.fromkeys(KINDS, _TRADE)
"""Kind -> permitted (from, to). Nothing leads back to bufor and nothing leads out of cancelled."""


def may_change(kind: str, before: State, after: State) -> bool:
    """Whether a document of ``kind`` may go from one state to another; staying as it is, is no change.

    This is the rule of the kind alone. Whoever keeps the document also looks at what hangs on it: a fiscalised PA, or
    a WZ that has its invoice, may not be cancelled. An unknown kind may change nothing.
    """
    return (before, after) in CHANGES.get(kind, frozenset())

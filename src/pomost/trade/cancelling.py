"""What is done with a document whose order was cancelled: a table as data, and the order in which it is done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from pomost.trade.documents import KINDS, State

Undoing = Literal["nothing", "delete", "cancel", "reverse", "correct", "keep", "ask"]
"""``delete``: taken out of bufor, its number goes to the next one. ``cancel``: stays, without effect. ``correct``: it may
not be taken back, a correction down to zero is due. ``reverse``: such a correction is made at once. ``keep``: it stands,
and that harms nobody. ``ask``: a person has to clear the way first."""

Effect = Literal["goods-returned", "goods-sent-back", "components-returned", "reservation-released", "refund"]

_TRANSFERS = frozenset(kind.symbol for kind in KINDS.values() if kind.transfers)
_RECEIPTS_OF_GOODS = frozenset(kind.symbol for kind in KINDS.values() if kind.stock > 0)
_ORDERS = frozenset(kind.symbol for kind in KINDS.values() if kind.reserves)
_SALES = frozenset(kind.symbol for kind in KINDS.values() if kind.sale)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a document stands when its order is cancelled.

    ``fiscalised``: registered by a fiscal printer. ``sent``: the buyer has it. ``followed``: others than the documents
    that are undone with it were made from it. ``shared``: it was made from documents of other orders as well.
    ``goods_used``: goods that it received were issued since. ``paid``: what was paid on it. ``moves_goods``: whether it
    is this document that moved the goods (an FS with a WZ of its own did not).
    """

    kind: str
    state: State
    fiscalised: bool = False
    sent: bool = False
    followed: bool = False
    shared: bool = False
    goods_used: bool = False
    paid: Decimal = Decimal(0)
    moves_goods: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: a condition left empty does not matter."""

    why: str
    undoing: Undoing
    kinds: frozenset[str] | None = None
    states: tuple[State, ...] = ("bufor", "approved")
    fiscalised: bool | None = None
    sent: bool | None = None
    followed: bool | None = None
    shared: bool | None = None
    goods_used: bool | None = None
    paid: bool | None = None

    def fits(self, standing: Standing) -> bool:
        """Whether this row speaks of such a document."""
        asked = (
            (self.fiscalised, standing.fiscalised),
            (self.sent, standing.sent),
            (self.followed, standing.followed),
            (self.shared, standing.shared),
            (self.goods_used, standing.goods_used),
            (self.paid, standing.paid > 0),
        )
        return (
            (self.kinds is None or standing.kind in self.kinds)
            and standing.state in self.states
            and all(wanted is None or wanted is found for wanted, found in asked)
        )


TABLE: tuple[Row, ...] = (
    Row("it was cancelled before", "nothing", states=("cancelled",)),
    Row("it was made from documents of other orders too", "ask", shared=True),
    Row("documents were made from it by somebody else", "ask", followed=True),
    # they lie where they were brought to, and who took some of them needed them there
    Row("goods that it moved were issued since", "keep", kinds=_TRANSFERS, goods_used=True),
    Row("goods that it received were issued since", "ask", kinds=_RECEIPTS_OF_GOODS, goods_used=True),
    Row(
        "it was given out as a fiscal receipt, which only a return (PAK) takes back",
        "correct",
        kinds=_SALES,
        fiscalised=True,
    ),
    Row(
        "the buyer has it: the advance is paid back",
        "reverse",
        kinds=frozenset({"FZAL"}),
        states=("approved",),
        sent=True,
    ),
    Row("it was sent to the buyer", "correct", kinds=_SALES, sent=True),
    # an order that came from a channel tells it what became of it: it is never deleted
    Row("an order document stays in the books", "cancel", kinds=_ORDERS, states=("bufor",)),
    Row("it is in bufor, but paid", "cancel", states=("bufor",), paid=True),
    Row("it is still in bufor", "delete", states=("bufor",)),
    Row("it was approved and nobody else has it", "cancel", states=("approved",)),
)
"""The first row that fits decides. Every document has one: the last two leave no state over."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with one document, why, and what follows from it."""

    undoing: Undoing
    why: str
    effects: tuple[Effect, ...] = ()


def decide(standing: Standing) -> Decision:
    """The row of the table for this document, with its effects."""
    row = next(row for row in TABLE if row.fits(standing))
    return Decision(row.undoing, row.why, tuple(_effects(standing, row.undoing)))


def _effects(standing: Standing, undoing: Undoing) -> Iterable[Effect]:
    if undoing not in ("delete", "cancel", "reverse"):
        return
    kind = KINDS[standing.kind]
    if kind.reserves and standing.state == "approved":
        yield "reservation-released"
    if kind.stock < 0 and standing.moves_goods:
        yield "goods-returned"
    if kind.stock > 0 and standing.moves_goods and standing.state == "approved":
        yield "components-returned" if kind.symbol == "PWP" else "goods-sent-back"
    if standing.paid:
        yield "refund"


def in_undoing_order(made: Sequence[tuple[str, tuple[str, ...]]]) -> list[str]:
    """Ids in the order in which they can be undone: what was made from a document goes before it.

    ``made``: (id, ids of its sources) in the order in which they were made. WZ before FS before RO where the WZ was
    made from the FS; FS before WZ where it is the other way round. Among equals the later one goes first.
    """
    left = dict(made)
    found: list[str] = []
    while left:
        held = {source for sources in left.values() for source in sources}
        free = [one for one in left if one not in held] or list(left)
        found.append(free[-1])
        del left[free[-1]]
    return found

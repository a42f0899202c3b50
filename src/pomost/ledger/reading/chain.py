"""The chain of a document: what it was made from, what was made from it, and so on, as a picture needs it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection, or_, select

from pomost.ledger import schema
from pomost.ledger.rules import CORRECTED, GATHERED

How = Literal["made", "corrects", "gathers", "settles"]

MOST = 60
_LINKS = 2_000

_doc = schema.document
_relation = schema.relation
_settled = schema.settled


@dataclass(frozen=True, slots=True)
class ChainBox:
    """A document in the picture. ``column`` counts from what everything began with, ``row`` from the top."""

    id: int
    company: str
    kind: str
    number: str
    state: str
    issued_on: date
    gross: Decimal
    currency: str
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class ChainLink:
    """An arrow. ``how``: made from it, corrects it, gathers goods for it, takes an advance off. ``active`` False: one of
    the two was cancelled, and the first is as if the second were not."""

    source: int
    target: int
    how: How
    active: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """``cut``: the chain has more documents than are shown."""

    boxes: tuple[ChainBox, ...]
    links: tuple[ChainLink, ...]
    cut: bool

    @property
    def columns(self) -> int:
        return 1 + max((box.column for box in self.boxes), default=-1)

    @property
    def rows(self) -> int:
        return 1 + max((box.row for box in self.boxes), default=-1)


def chain_of(connection: Connection, document_id: int, most: int = MOST) -> Chain:
    """The document's chain; those nearest to it when there are more than ``most``. Empty for one that is not there."""
    known: dict[int, None] = {document_id: None}
    links: dict[tuple[int, int, How], bool] = {}
    frontier, cut = [document_id], False
    while frontier:
        found = _links(connection, frontier)
        cut = cut or len(found) >= _LINKS
        following: dict[int, None] = {}
        for link in found:
            key = (link.source, link.target, link.how)
            links[key] = links.get(key, False) or link.active
            for end in (link.source, link.target):
                if end not in known:
                    following[end] = None
        space = most - len(known)
        cut = cut or len(following) > space
        frontier = sorted(following)[:space]
        known.update(dict.fromkeys(frontier))
    arrows = tuple(
        ChainLink(source, target, how, active)
        for (source, target, how), active in sorted(links.items())
        if source in known and target in known
    )
    return Chain(_boxes(connection, list(known), arrows), arrows, cut)


def _links(connection: Connection, ids: Sequence[int]) -> list[ChainLink]:
    relations = connection.execute(
        select(_relation.c.source_id, _relation.c.target_id, _relation.c.aspect, _relation.c.active)
        .where(or_(_relation.c.source_id.in_(ids), _relation.c.target_id.in_(ids)))
        .distinct()
        .limit(_LINKS)
    )
    settled = connection.execute(
        select(_settled.c.advance_id, _settled.c.document_id, _doc.c.state)
        .join(_doc, _doc.c.id == _settled.c.document_id)
        .where(or_(_settled.c.advance_id.in_(ids), _settled.c.document_id.in_(ids)))
        .distinct()
        .limit(_LINKS)
    )
    return [
        *(ChainLink(row.source_id, row.target_id, _how(row.aspect), row.active) for row in relations),
        *(ChainLink(row.advance_id, row.document_id, "settles", row.state != "cancelled") for row in settled),
    ]


def _how(aspect: str) -> How:
    return "corrects" if aspect == CORRECTED else "gathers" if aspect == GATHERED else "made"


def _boxes(connection: Connection, ids: Sequence[int], links: Iterable[ChainLink]) -> tuple[ChainBox, ...]:
    company = schema.company
    rows = connection.execute(
        select(
            _doc.c.id,
            company.c.code.label("company"),
            _doc.c.kind,
            _doc.c.number,
            _doc.c.state,
            _doc.c.issued_on,
            _doc.c.gross,
            _doc.c.currency,
        )
        .join(company, company.c.id == _doc.c.company_id)
        .where(_doc.c.id.in_(ids))
        .order_by(_doc.c.id)
    ).all()
    columns = _columns([row.id for row in rows], links)
    filled: dict[int, int] = {}
    boxes = []
    for row in rows:
        column = columns[row.id]
        place = filled.get(column, 0)
        filled[column] = place + 1
        boxes.append(ChainBox(*row, column, place))
    return tuple(boxes)


def _columns(ids: Sequence[int], links: Iterable[ChainLink]) -> dict[int, int]:
    """Each document right of all that lead to it."""
    columns = dict.fromkeys(ids, 0)
    arrows = [(one.source, one.target) for one in links if one.source in columns and one.target in columns]
    # as often as there are documents at most: links that went round would move them for ever
    for _ in ids:
        moved = False
        for source, target in arrows:
            if columns[target] <= columns[source]:
                columns[target] = columns[source] + 1
                moved = True
        if not moved:
            break
    return columns

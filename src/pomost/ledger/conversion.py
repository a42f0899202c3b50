"""Conversions: what a document takes over from the documents it is made from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, bindparam, select

from pomost.ledger import schema
from pomost.ledger.cards import Cards
from pomost.ledger.companies import Company
from pomost.ledger.contractors import party_from_json
from pomost.ledger.corrected import taken_back
from pomost.ledger.reading import realised_of, vat_of
from pomost.ledger.rules import CONVERTIBLE, Aspect, aspect_of, stock_by
from pomost.ledger.sheet import Sheet, Taken, lines_with_items, name_of
from pomost.ports import NeedsPerson
from pomost.trade.documents import KINDS, Draft, DraftLine
from pomost.trade.order import Party

ZERO = Decimal(0)

_doc = schema.document

_sources = (
    select(_doc)
    .where(_doc.c.company_id == bindparam("company"), _doc.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_doc.c.id)
    .with_for_update()
)
_lines = (
    select(schema.line)
    .where(schema.line.c.document_id.in_(bindparam("ids", expanding=True)))
    .order_by(schema.line.c.id)
)


@dataclass(slots=True)
class _Left:
    """A source line and how much of it is still to be taken over."""

    row: Any
    source_kind: str
    aspect: Aspect
    quantity: Decimal

    def taken(self) -> Taken:
        holds = KINDS[self.source_kind].reserves
        return Taken(
            self.row.document_id,
            self.row.id,
            self.aspect,
            self.row.id if holds else self.row.reserved_line_id,
        )


def convert(connection: Connection, company: Company, draft: Draft, cards: Cards) -> Sheet:
    """The sheet of a document made from ``draft.sources``, which stay locked until the transaction ends.

    Raises NeedsPerson ``ledger.unknown-source``, ``ledger.not-convertible``, ``ledger.receipt-from-net``,
    ``ledger.source-not-approved``, ``ledger.sources-differ``, ``ledger.stock-already-moved``, ``ledger.over-realised``, ``ledger.nothing-left``, ``ledger.line-mismatch``.
    """
    who = name_of(draft)
    sources = _lock_sources(connection, company, draft, who)
    _check_one_buyer(sources, cards.contractors.one_off(connection, company), who)
    first = sources[0]
    aspect = aspect_of(first.kind, draft.kind)
    left = _left_to_take(connection, sources, aspect)
    draft = _header_from(draft, sources)
    pairs = _take_named(draft, left, who) if draft.lines else _take_all(left, who)
    if draft.warehouse:
        warehouse = cards.warehouses.find(connection, company, draft.warehouse, who)
    else:
        warehouse = cards.warehouses.by_id(connection, company, first.warehouse_id)
    contractor_id = first.contractor_id
    if draft.buyer != party_from_json(first.buyer):
        contractor_id = cards.contractors.card_for(connection, company, draft.buyer)
    return Sheet(
        company=company,
        draft=draft,
        lines=lines_with_items(connection, company, cards.items, pairs, who),
        warehouse=warehouse,
        contractor_id=contractor_id,
        stock_by=stock_by(draft.kind, first.kind, draft.moves_stock, draft.issued_by),
        entered_orders=tuple(source.id for source in sources if source.change),
    )


def _lock_sources(connection: Connection, company: Company, draft: Draft, who: str) -> list[Any]:
    ids = sorted({number_of(source) for source in draft.sources})
    rows = connection.execute(_sources, {"company": company.id, "ids": ids}).all()
    if len(rows) != len(ids):
        missing = sorted(set(ids) - {row.id for row in rows})
        raise NeedsPerson(
            "ledger.unknown-source",
            f"{who}: company {company.code} has no document with id {', '.join(map(str, missing))}.",
            "Look whether the source was deleted.",
        )
    for row in rows:
        _check_source(row, draft.kind, who)
    first = rows[0]
    for row in rows[1:]:
        for name in ("kind", "contractor_id", "currency", "basis"):
            if getattr(row, name) != getattr(first, name):
                raise _differ(who, first, row, {"contractor_id": "buyer"}.get(name, name))
    return list(rows)


def _check_one_buyer(sources: Sequence[Any], one_off: int, who: str) -> None:
    """Buyers without a card of their own share one: they are the same only when name and address are."""
    if len(sources) == 1 or sources[0].contractor_id != one_off:
        return
    first, *others = [party_from_json(source.buyer) for source in sources]
    for source, buyer in zip(sources[1:], others, strict=True):
        if (buyer.name, buyer.company, buyer.tax_id, buyer.address) != (
            first.name,
            first.company,
            first.tax_id,
            first.address,
        ):
            raise _differ(who, sources[0], source, "buyer")


def _differ(who: str, first: Any, other: Any, what: str) -> NeedsPerson:
    return NeedsPerson(
        "ledger.sources-differ",
        f"{who}: {first.number} and {other.number} differ in {what}.",
        "Make a document from each of them.",
    )


def _check_source(row: Any, target: str, who: str) -> None:
    if target not in KINDS[row.kind].becomes:
        possible = ", ".join(sorted(KINDS[row.kind].becomes)) or "nothing"
        raise NeedsPerson(
            "ledger.not-convertible",
            f"{who}: {row.number} can't be turned into {target}.",
            f"A {row.kind} becomes {possible}.",
        )
    if row.kind == "WZ" and target == "PA" and row.basis == "net":
        raise NeedsPerson(
            "ledger.receipt-from-net",
            f"{who}: {row.number} is counted from net, and a receipt is counted from gross.",
            "Make an FS of it.",
        )
    if row.state not in CONVERTIBLE[row.kind]:
        raise NeedsPerson(
            "ledger.source-not-approved",
            f"{who}: {row.number} is {row.state}.",
            "Approve it first." if row.state == "bufor" else "Make the document from another source.",
        )
    if aspect_of(row.kind, target) == "goods" and row.stock_by == "none":
        raise NeedsPerson(
            "ledger.stock-already-moved",
            f"{who}: the goods of {row.number} are issued by another company.",
            f"It needs no {target}.",
        )
    if aspect_of(row.kind, target) == "goods" and row.stock_by != "later":
        raise NeedsPerson(
            "ledger.stock-already-moved",
            f"{who}: the goods of {row.number} are moved by {'itself' if row.stock_by == 'self' else 'its source'}.",
            f"It needs no {target}.",
        )


def _left_to_take(connection: Connection, sources: Sequence[Any], aspect: Aspect) -> dict[int, _Left]:
    kinds = {source.id: source.kind for source in sources}
    realised = realised_of(connection, list(kinds))
    came_back = taken_back(connection, list(kinds), aspect) if aspect != "order" else {}
    rows = connection.execute(_lines, {"ids": list(kinds)})
    return {
        row.id: _Left(
            row,
            kinds[row.document_id],
            aspect,
            row.quantity - realised.get(row.id, {}).get(aspect, ZERO) - came_back.get(row.id, ZERO),
        )
        for row in rows
    }


def _header_from(draft: Draft, sources: Sequence[Any]) -> Draft:
    """What the draft leaves empty comes from the first source; prices that are taken over keep their currency."""
    first = sources[0]
    attributes: dict[str, str] = {}
    for source in reversed(sources):
        attributes.update(json.loads(source.attributes))
    attributes.update(draft.attributes)
    recipient = draft.recipient
    if recipient is None and first.recipient:
        recipient = party_from_json(first.recipient)
    draft = replace(
        draft,
        buyer=party_from_json(first.buyer) if draft.buyer == Party() else draft.buyer,
        recipient=recipient,
        due_on=draft.due_on or first.due_on,
        payment_form=draft.payment_form or first.payment_form,
        foreign_number=draft.foreign_number or first.foreign_number,
        attributes=attributes,
    )
    if draft.lines:
        return draft
    rate = draft.rate if draft.rate is not None else first.rate
    return replace(
        draft,
        basis=first.basis,
        currency=first.currency,
        rate=rate,
        rate_note=draft.rate_note or (first.rate_note if rate == first.rate else ""),
    )


def _take_all(left: dict[int, _Left], who: str) -> list[tuple[DraftLine, Taken | None]]:
    pairs: list[tuple[DraftLine, Taken | None]] = [
        (_line_from(entry), entry.taken()) for entry in left.values() if entry.quantity > 0
    ]
    if not pairs:
        raise NeedsPerson(
            "ledger.nothing-left",
            f"{who}: everything in its sources is realised already.",
            "Nothing is left to do.",
        )
    return pairs


def _take_named(draft: Draft, left: dict[int, _Left], who: str) -> list[tuple[DraftLine, Taken | None]]:
    pairs: list[tuple[DraftLine, Taken | None]] = []
    for line in draft.lines:
        if not line.source_line:
            pairs.append((line, None))
            continue
        entry = left.get(number_of(line.source_line))
        if entry is None or entry.row.sku != line.sku:
            raise NeedsPerson(
                "ledger.line-mismatch",
                f"{who}: line {line.source_line} with {line.sku or line.name!r} is not in its sources.",
                "Name a line of a source, with the same SKU.",
            )
        if line.quantity > entry.quantity:
            raise NeedsPerson(
                "ledger.over-realised",
                f"{who}: {line.quantity} of {line.sku or line.name} are asked for, {entry.quantity} are left.",
                "Take no more than what is left.",
                sku=line.sku,
                left=str(entry.quantity),
            )
        entry.quantity -= line.quantity
        pairs.append((line, entry.taken()))
    return pairs


def _line_from(entry: _Left) -> DraftLine:
    row = entry.row
    return DraftLine(
        sku=row.sku,
        name=row.name,
        quantity=entry.quantity,
        price=row.price,
        vat=vat_of(row.vat),
        unit=row.unit,
        service=row.service,
        order_line=row.order_line,
        source_line=str(row.id),
        notes=row.notes,
    )


def number_of(text: str) -> int:
    """Ids are given out as text; one that is no number belongs to nothing here."""
    return int(text) if text.isdecimal() and len(text) < 19 else -1

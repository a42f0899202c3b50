"""What happens to documents after they were made: approval, cancellation, deletion from bufor, amendment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, delete, select, update

from pomost.ledger import advances, making, released, schema
from pomost.ledger.cards import Cards
from pomost.ledger.change_numbers import next_change
from pomost.ledger.companies import Company, find_company
from pomost.ledger.contractors import party_from_json
from pomost.ledger.conversion import number_of
from pomost.ledger.corrected import check_last
from pomost.ledger.documents import (
    check_rate,
    count_sheet,
    header_values,
    mark_orders,
    new_sheet,
    take_effect,
    take_from_shelf,
    write_lines,
)
from pomost.ledger.given_up import hold_again
from pomost.ledger.numbering import Number, give_back
from pomost.ledger.reading import load_one, vat_of
from pomost.ledger.receipts import forget, release, send_back, take_back
from pomost.ledger.rules import check_move
from pomost.ledger.schema import LINES_PER_DOCUMENT
from pomost.ledger.sheet import Sheet, SheetLine, Taken, check_draft
from pomost.ledger.transfers import arrive, move_back, users_of
from pomost.ports import NeedsPerson, Ties
from pomost.trade.documents import KINDS, Document, Draft, DraftLine

_doc = schema.document
_line = schema.line
_relation = schema.relation


def approve(connection: Connection, cards: Cards, company_code: str, key: str) -> Document:
    """Takes a document out of bufor: now it reserves or receives (what issues has done so). Repeating is harmless.

    Raises NeedsPerson ``ledger.unknown-document``, ``ledger.state``; Waiting ``ledger.not-in-stock`` where the company
    does not reserve beyond stock.
    """
    company = find_company(connection, company_code)
    row = lock_document(connection, company, key)
    if row.state == "approved":
        return load_one(connection, row.id)
    check_move(row.kind, row.number, row.state, "approved")
    if KINDS[row.kind].reserves or KINDS[row.kind].stock > 0:
        sheet = _sheet_of(connection, cards, company, row)
        take_from_shelf(connection, sheet, "approved")
        take_effect(connection, row.id, sheet, count_sheet(sheet), None, "approved")
    if KINDS[row.kind].transfers:
        arrive(connection, company, row)
    _set_state(connection, row, "approved")
    return load_one(connection, row.id)


def cancel(connection: Connection, company_code: str, key: str) -> Document:
    """Takes back all that the document did: its reservation, its goods (to the same lots), what it realised.

    Repeating is harmless. With an FS, the WZ made from it alone is cancelled too. Raises NeedsPerson
    ``ledger.unknown-document``, ``ledger.state``, ``ledger.fiscal`` for a receipt that was given out,
    ``ledger.has-followers`` while documents made from it are in force (but for an MM whose goods were issued since),
    ``ledger.goods-used`` and ``ledger.goods-reserved`` for receipts of goods, ``ledger.corrected-later`` for a correction before another.
    """
    company = find_company(connection, company_code)
    row = lock_document(connection, company, key)
    if row.state == "cancelled":
        return load_one(connection, row.id)
    check_move(row.kind, row.number, row.state, "cancelled")
    if row.kind == "PA" and row.state == "approved":
        raise NeedsPerson(
            "ledger.fiscal",
            f"{row.number} was given out as a fiscal receipt and can't be cancelled.",
            "Make a correction.",
        )
    if KINDS[row.kind].corrects:
        check_last(connection, row)
        released.check_not_used(connection, row)
    advances.check_not_settled(connection, row)
    if row.kind == "FS":
        for issue_key in _own_issues(connection, row.id):
            cancel(connection, company_code, issue_key)
    _check_no_followers(connection, row)
    if row.kind == "PWP":
        making.undo(connection, company, row)
    else:
        _undo_effect(connection, company, row)
    orders = _entered_orders_of(connection, row.id)
    connection.execute(update(_relation).where(_relation.c.target_id == row.id).values(active=False))
    _set_state(connection, row, "cancelled")
    mark_orders(connection, orders)
    return load_one(connection, row.id)


def ties(connection: Connection, company_code: str, key: str) -> Ties:
    """What would keep the document from being undone. Raises NeedsPerson ``ledger.unknown-document``."""
    row = find_document(connection, find_company(connection, company_code), key)
    if row.kind == "PWP":
        return making.ties(connection, row)
    followers = connection.execute(
        select(_relation.c.target_id)
        .where(_relation.c.source_id == row.id, _relation.c.active)
        .distinct()
        .order_by(_relation.c.target_id)
    ).scalars()
    lines = _line_ids(connection, row.id)
    used = _goods_used(connection, lines)
    found = [*followers, *advances.settlers_of(connection, row.id)]
    return Ties(
        tuple(str(one) for one in found),
        used,
        users_of(connection, lines) if used and KINDS[row.kind].transfers else (),
    )


def _goods_used(connection: Connection, line_ids: Sequence[int]) -> bool:
    """Whether any of the goods that these lines received left again."""
    lot = schema.lot
    query = select(lot.c.id).where(
        lot.c.line_id.in_(line_ids), lot.c.received > 0, lot.c.left != lot.c.received
    )
    return connection.execute(query.limit(1)).scalar() is not None


def delete_from_bufor(connection: Connection, company_code: str, key: str) -> None:
    """Deletes a document that was never approved; its number goes to the next of its series, its key is free again.

    An order that came from outside can't be deleted: approved and then cancelled, it tells its buyer.
    Raises NeedsPerson ``ledger.unknown-document``, ``ledger.not-in-bufor``, ``ledger.delete-imported``,
    ``ledger.has-payments``.
    """
    company = find_company(connection, company_code)
    row = lock_document(connection, company, key)
    if row.state != "bufor":
        raise NeedsPerson(
            "ledger.not-in-bufor",
            f"{row.number} is {row.state} and can't be deleted.",
            "Cancel it instead." if row.state == "approved" else "It stays as it is.",
        )
    if KINDS[row.kind].reserves and row.origin:
        raise NeedsPerson(
            "ledger.delete-imported",
            f"{row.number} came from outside and can't be deleted.",
            "Approve it and cancel it, so that where it came from learns of it.",
        )
    if row.paid:
        raise NeedsPerson(
            "ledger.has-payments", f"{row.number} is paid ({row.paid} {row.currency}).", "Cancel it instead."
        )
    orders = _entered_orders_of(connection, row.id)
    if row.stock_by in ("self", "none") and KINDS[row.kind].stock < 0:
        lines = _line_ids(connection, row.id)
        _undo_effect(connection, company, row)
        forget(connection, lines)
    _delete_lines(connection, row.id)
    advances.delete_of(connection, row.id)
    connection.execute(delete(schema.part).where(schema.part.c.document_id == row.id))
    connection.execute(delete(_doc).where(_doc.c.id == row.id))
    give_back(connection, company, row.kind, Number(row.period, row.ordinal, row.number))
    mark_orders(connection, orders)


def amend(connection: Connection, cards: Cards, company_code: str, key: str, draft: Draft) -> Document:
    """Replaces the header, parties and lines of an order document; its key, number and state stay.

    So do the ids of its lines, and with them its place in the queue for goods.

    Raises NeedsPerson ``ledger.unknown-document``, ``ledger.not-amendable``, ``ledger.state``, and what making a
    document raises.
    """
    check_draft(draft)
    company = find_company(connection, company_code)
    row = lock_document(connection, company, key)
    if not KINDS[row.kind].amendable or draft.kind != row.kind:
        raise NeedsPerson(
            "ledger.not-amendable",
            f"{row.number} is a {row.kind} and can't be amended as {draft.kind}.",
            "Only order documents (RO, ZS, ZK) and an FPF are amended, as what they are.",
        )
    if row.state == "cancelled":
        check_move(row.kind, row.number, row.state, "approved")
    _check_no_followers(connection, row)
    if draft.company != company_code or draft.key != key:
        draft = replace(draft, company=company_code, key=key)
    sheet = new_sheet(connection, company, draft, cards)
    check_rate(sheet)
    if row.state == "approved":
        release(connection, company, _line_ids(connection, row.id))
    take_from_shelf(connection, sheet, row.state)
    counted = count_sheet(sheet)
    _delete_lines(connection, row.id)
    write_lines(connection, row.id, sheet, counted)
    values = header_values(sheet, counted)
    # what was paid is changed by payments only, and the number belongs to the date it was given for
    for name in ("paid", "issued_on"):
        values.pop(name)
    if row.change:
        values["change"] = next_change(connection)
    connection.execute(update(_doc).where(_doc.c.id == row.id).values(**values))
    take_effect(connection, row.id, sheet, counted, None, row.state)
    return load_one(connection, row.id)


def set_attribute(
    connection: Connection, company_code: str, key: str, code: str, value: str, line_id: str = ""
) -> None:
    """Sets an attribute of the document, or of one of its lines; an empty value takes it away.

    Raises NeedsPerson ``ledger.unknown-document``, ``ledger.line-mismatch``.
    """
    row = lock_document(connection, find_company(connection, company_code), key)
    table, wanted = (_line, number_of(line_id)) if line_id else (_doc, row.id)
    query = select(table.c.attributes).where(table.c.id == wanted)
    if line_id:
        query = query.where(_line.c.document_id == row.id)
    text = connection.execute(query).scalar()
    if text is None:
        raise NeedsPerson(
            "ledger.line-mismatch", f"{row.number} has no line {line_id}.", "Name one of its own lines."
        )
    attributes = json.loads(text)
    attributes[code] = value
    if not value:
        del attributes[code]
    connection.execute(
        update(table)
        .where(table.c.id == wanted)
        .values(attributes=json.dumps(attributes, ensure_ascii=False))
    )
    if row.change:
        mark_orders(connection, [row.id])


def find_document(connection: Connection, company: Company, key: str) -> Any:
    """The row of the document made under ``key``; raises NeedsPerson ``ledger.unknown-document``."""
    row = connection.execute(
        select(_doc).where(_doc.c.company_id == company.id, _doc.c.key == key)
    ).one_or_none()
    if row is None:
        raise NeedsPerson(
            "ledger.unknown-document",
            f"Company {company.code} has no document made for {key}.",
            "Look whether it was deleted.",
        )
    return row


def lock_document(connection: Connection, company: Company, key: str) -> Any:
    """The row of the document made under ``key``, locked together with its sources.

    They are locked in the order of their ids, as conversions lock sources.
    Raises NeedsPerson ``ledger.unknown-document``.
    """
    own = find_document(connection, company, key).id
    ids = sorted({own, *_sources_of(connection, own)})
    connection.execute(select(_doc.c.id).where(_doc.c.id.in_(ids)).order_by(_doc.c.id).with_for_update())
    # read again: it may have changed while we waited for the lock
    return find_document(connection, company, key)


def _set_state(connection: Connection, row: Any, state: str) -> None:
    values: dict[str, Any] = {"state": state}
    if row.change:
        values["change"] = next_change(connection)
    connection.execute(update(_doc).where(_doc.c.id == row.id).values(**values))


def _undo_effect(connection: Connection, company: Company, row: Any) -> None:
    kind = KINDS[row.kind]
    lines = _line_ids(connection, row.id)
    if kind.transfers:
        move_back(connection, company, row, lines)
    elif row.stock_by == "self" and kind.stock < 0:
        take_back(connection, company, lines)
    elif row.stock_by == "none" and kind.stock < 0:
        hold_again(connection, company, row)
    elif row.state != "approved":
        return
    elif kind.reserves:
        release(connection, company, lines)
    elif row.stock_by == "self":
        send_back(connection, company, lines, row.number)


def _check_no_followers(connection: Connection, row: Any) -> None:
    """An MM whose goods others have issued can't go back any more, and does not hold its order for ever."""
    followers = connection.execute(
        select(_doc.c.id, _doc.c.kind, _doc.c.number)
        .join(_relation, _relation.c.target_id == _doc.c.id)
        .where(_relation.c.source_id == row.id, _relation.c.active)
        .distinct()
        .order_by(_doc.c.number)
    ).all()
    numbers = [
        one.number
        for one in followers
        if not KINDS[one.kind].transfers or not _goods_used(connection, _line_ids(connection, one.id))
    ]
    if numbers:
        raise NeedsPerson(
            "ledger.has-followers",
            f"{row.number} was turned into {', '.join(numbers)}.",
            "Cancel what was made from it first.",
        )


def _own_issues(connection: Connection, document_id: int) -> Sequence[str]:
    """Keys of the WZ in force that were made from this document and from no other."""
    made = select(_relation.c.target_id).where(_relation.c.source_id == document_id, _relation.c.active)
    others = select(_relation.c.target_id).where(_relation.c.source_id != document_id)
    return (
        connection.execute(
            select(_doc.c.key)
            .where(_doc.c.id.in_(made), _doc.c.id.not_in(others.where(_relation.c.target_id.in_(made))))
            .where(_doc.c.kind == "WZ", _doc.c.state != "cancelled")
            .order_by(_doc.c.id)
        )
        .scalars()
        .all()
    )


def _sources_of(connection: Connection, document_id: int) -> set[int]:
    query = select(_relation.c.source_id).where(_relation.c.target_id == document_id).distinct()
    return set(connection.execute(query).scalars())


def _entered_orders_of(connection: Connection, document_id: int) -> list[int]:
    """Those sources that are order documents made here."""
    query = (
        select(_relation.c.source_id)
        .join(_doc, _doc.c.id == _relation.c.source_id)
        .where(_relation.c.target_id == document_id, _doc.c.change > 0)
        .distinct()
        .order_by(_relation.c.source_id)
    )
    return list(connection.execute(query).scalars())


def _line_ids(connection: Connection, document_id: int) -> Sequence[int]:
    return connection.execute(select(_line.c.id).where(_line.c.document_id == document_id)).scalars().all()


def _delete_lines(connection: Connection, document_id: int) -> None:
    first = document_id * LINES_PER_DOCUMENT
    mine = _relation.c.target_line_id.between(first, first + LINES_PER_DOCUMENT - 1)
    connection.execute(delete(_relation).where(mine))
    connection.execute(delete(schema.vat_row).where(schema.vat_row.c.document_id == document_id))
    connection.execute(delete(_line).where(_line.c.document_id == document_id))


def _sheet_of(connection: Connection, cards: Cards, company: Company, row: Any) -> Sheet:
    """The sheet of a document in bufor, as it would have been made."""
    relations = {
        relation.target_line_id: relation
        for relation in connection.execute(
            select(_relation).where(_relation.c.target_id == row.id, _relation.c.active)
        )
    }
    rows = connection.execute(select(_line).where(_line.c.document_id == row.id).order_by(_line.c.id)).all()
    items = cards.items.need(connection, company, (line.sku for line in rows if line.sku), row.number)
    lines = []
    for line in rows:
        relation = relations.get(line.id)
        taken = None
        if relation is not None:
            taken = Taken(relation.source_id, relation.source_line_id, relation.aspect, line.reserved_line_id)
        lines.append(SheetLine(_draft_line(line), items.get(line.sku), taken))
    draft = Draft(
        kind=row.kind,
        company=company.code,
        key=row.key,
        issued_on=row.issued_on,
        currency=row.currency,
        rate=row.rate,
        basis=row.basis,
        buyer=party_from_json(row.buyer),
        lines=tuple(line.draft for line in lines),
    )
    return Sheet(
        company=company,
        draft=draft,
        lines=lines,
        warehouse=cards.warehouses.by_id(connection, company, row.warehouse_id),
        contractor_id=row.contractor_id,
        stock_by=row.stock_by,
    )


def _draft_line(row: Any) -> DraftLine:
    return DraftLine(
        sku=row.sku,
        name=row.name,
        quantity=row.quantity,
        price=row.price,
        vat=vat_of(row.vat),
        unit=row.unit,
        service=row.service,
        order_line=row.order_line,
        notes=row.notes,
    )

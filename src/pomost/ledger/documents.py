"""Issuing documents: from an order or from other documents, once for each key, with stock, numbers and totals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from pomost.ledger import schema
from pomost.ledger.contractors import contractor_of
from pomost.ledger.numbers import next_change, next_number
from pomost.ledger.rows import party_to_text
from pomost.ledger.stock import Goods, Stock
from pomost.ports import NeedsPerson, Waiting
from pomost.trade.count import CENT, count_lines, round_cent
from pomost.trade.documents import KINDS, Draft, DraftLine
from pomost.trade.vat import VatRate

documents, lines, items = schema.documents, schema.lines, schema.items


@dataclass(frozen=True, slots=True)
class Placed:
    """A line about to be written: what is asked for, its item, and where it comes from."""

    draft: DraftLine
    item_id: int
    source_line: int | None = None
    root_line: int | None = None


class Issuing:
    """Makes one document inside the caller's transaction."""

    def __init__(self, connection: Connection, draft: Draft) -> None:
        self._connection = connection
        self._draft = draft
        self._company = self._find_company()
        self._warehouse = self._find_warehouse()
        self._stock = Stock(
            connection,
            self._warehouse,
            method=self._company.stock_method,
            negative=self._company.negative_stock,
        )

    def issue(self) -> int:
        """The id of the new document. Raises Waiting, NeedsPerson; the caller's transaction is then rolled back."""
        draft = self._draft
        if draft.kind not in KINDS:
            raise NeedsPerson(
                "ledger.unknown-kind", f'The ledger makes no "{draft.kind}".', f"It makes {', '.join(KINDS)}."
            )
        sources = self._read_sources()
        placed = self._lines_of_sources(sources) if sources else self._lines_of_draft()
        if sources:
            head = sources[0]
            draft = replace(
                draft,
                basis=head.basis,
                currency=head.currency,
                rate=head.rate if draft.rate is None else draft.rate,
            )
            self._draft = draft
        if not placed:
            raise NeedsPerson(
                "ledger.nothing-left",
                f"Nothing is left to make {draft.kind} of: the sources are realised.",
                "Skip the step, or cancel the document that realised them.",
            )
        if draft.partial and self._moves_stock(sources):
            placed = self._what_stock_allows(placed)
        return self._write(placed, sources)

    def replace_lines(self, document_id: int) -> None:
        """Writes the draft over an order document of which nothing is realised yet; number and key stay."""
        row = self._connection.execute(
            select(documents).where(documents.c.id == document_id).with_for_update()
        ).one()
        old = self._connection.execute(select(lines).where(lines.c.document_id == document_id)).all()
        if not KINDS[row.kind].reserves or row.kind != self._draft.kind:
            raise NeedsPerson(
                "ledger.not-amendable",
                f"{row.kind} {row.number} can't be changed: it is no {self._draft.kind} that waits for goods.",
                "Make a correction.",
            )
        if row.state == "cancelled" or any(line.realised for line in old):
            raise NeedsPerson(
                "ledger.not-amendable",
                f"{row.kind} {row.number} can't be changed: it is {'cancelled' if row.state == 'cancelled' else 'realised'}.",
                "Correct the documents made from it.",
            )
        placed = self._lines_of_draft()
        counted = count_lines([line.draft for line in placed], self._draft.basis)
        head = self._head_values(counted.net, counted.tax, counted.gross)
        goods = [line.item_id for line in old if not line.service]
        self._stock.levels(goods + [line.item_id for line in placed if not line.draft.service])
        self._stock.release([line.id for line in old])
        self._connection.execute(delete(lines).where(lines.c.document_id == document_id))
        self._connection.execute(
            update(documents)
            .where(documents.c.id == document_id)
            .values(
                **head,
                warehouse=self._warehouse,
                change_no=next_change(self._connection),
            )
        )
        ids = self._write_lines(document_id, placed, counted.lines)
        if row.state == "approved":
            self._stock.reserve(self._goods(placed, ids))

    # --- where it comes from -------------------------------------------------------------------------------------

    def _find_company(self) -> Any:
        row = self._connection.execute(
            select(schema.companies).where(schema.companies.c.code == self._draft.company)
        ).first()
        if row is None:
            raise NeedsPerson(
                "ledger.unknown-company",
                f'The ledger has no company "{self._draft.company}".',
                "Add it under [[company]] in the configuration.",
            )
        return row

    def _find_warehouse(self) -> str:
        codes = (
            self._connection.execute(
                select(schema.warehouses.c.code)
                .where(schema.warehouses.c.company == self._draft.company)
                .order_by(schema.warehouses.c.position, schema.warehouses.c.code)
            )
            .scalars()
            .all()
        )
        wanted = self._draft.warehouse or self._warehouse_of_source() or (codes[0] if codes else "")
        if wanted not in codes:
            raise NeedsPerson(
                "ledger.unknown-warehouse",
                f'The company "{self._draft.company}" has no warehouse "{wanted}".',
                f"Its warehouses: {', '.join(codes) or 'none; add one under [[ledger.warehouses]]'}.",
            )
        return wanted

    def _warehouse_of_source(self) -> str:
        """Goods go out where they are kept, unless another warehouse is named."""
        first = next((int(source) for source in self._draft.sources if source.isdecimal()), None)
        query = select(documents.c.warehouse).where(
            documents.c.id == first, documents.c.company == self._draft.company
        )
        return self._connection.execute(query).scalar() or ""

    def _read_sources(self) -> list[Any]:
        draft = self._draft
        ids = [int(source) for source in draft.sources if source.isdecimal()]
        rows = self._connection.execute(
            select(documents).where(documents.c.id.in_(ids)).order_by(documents.c.id).with_for_update()
        ).all()
        if len(rows) != len(draft.sources):
            raise NeedsPerson(
                "ledger.unknown-source",
                f"A document that {draft.kind} is to be made from is not in the ledger.",
                "It may have been deleted; look at the order's history.",
            )
        for row in rows:
            if row.company != draft.company or draft.kind not in KINDS[row.kind].becomes:
                raise NeedsPerson(
                    "ledger.not-convertible",
                    f"{row.kind} {row.number} can't become {draft.kind}.",
                    f"It may become {', '.join(sorted(KINDS[row.kind].becomes)) or 'nothing'}.",
                )
            if row.state != "approved":
                raise NeedsPerson(
                    "ledger.source-not-approved",
                    f"{row.kind} {row.number} is {'in bufor' if row.state == 'bufor' else 'cancelled'}.",
                    "Approve it first."
                    if row.state == "bufor"
                    else "Nothing can be made of a cancelled document.",
                )
            if (row.currency, row.basis, row.contractor_id) != (
                rows[0].currency,
                rows[0].basis,
                rows[0].contractor_id,
            ):
                raise NeedsPerson(
                    "ledger.sources-differ",
                    f"{rows[0].number} and {row.number} differ in buyer, currency or net/gross.",
                    "Make a document of each.",
                )
        return list(rows)

    def _lines_of_draft(self) -> list[Placed]:
        wanted = {line.sku for line in self._draft.lines}
        found = {
            row.sku: row
            for row in self._connection.execute(
                select(items.c.id, items.c.sku, items.c.kind).where(
                    items.c.company == self._draft.company, items.c.sku.in_(wanted)
                )
            )
        }
        unknown = sorted(wanted - set(found))
        if unknown:
            raise Waiting(
                "ledger.unknown-item",
                f"No item card for: {', '.join(unknown)}.",
                tuple(f"item:{sku}" for sku in unknown),
                "Add the card, or an alias under rules.aliases; it then goes on by itself.",
            )
        placed = []
        for line in self._draft.lines:
            _check_line(line)
            service = line.service or found[line.sku].kind == "service"
            placed.append(Placed(replace(line, service=service), found[line.sku].id))
        return placed

    def _lines_of_sources(self, sources: Sequence[Any]) -> list[Placed]:
        rows = self._connection.execute(
            select(lines)
            .where(lines.c.document_id.in_([source.id for source in sources]))
            .order_by(lines.c.document_id, lines.c.position)
            .with_for_update()
        ).all()
        asked = {line.source_line: line for line in self._draft.lines}
        unknown = set(asked) - {str(row.id) for row in rows}
        if unknown:
            raise NeedsPerson(
                "ledger.unknown-source-line",
                f"A line to be realised is not on the sources ({', '.join(sorted(unknown))}).",
                "Name lines of the source documents.",
            )
        placed = []
        for row in rows:
            left = row.quantity - row.realised
            quantity = (
                asked[str(row.id)].quantity
                if asked and str(row.id) in asked
                else Decimal(0)
                if asked
                else left
            )
            if quantity > left:
                raise NeedsPerson(
                    "ledger.over-realised",
                    f"{row.sku}: {quantity.normalize():f} to be realised, {left.normalize():f} left.",
                    "Ask for no more than is left.",
                )
            if quantity == 0:
                continue
            line = DraftLine(
                sku=row.sku,
                name=row.name,
                quantity=quantity,
                price=row.price,
                vat=VatRate.of(row.vat),
                unit=row.unit,
                service=row.service,
                order_line=row.order_line,
                notes=row.notes,
            )
            _check_line(line)
            placed.append(Placed(line, row.item_id, row.id, row.root_line or row.id))
        return placed

    # --- writing it ----------------------------------------------------------------------------------------------

    def _moves_stock(self, sources: Sequence[Any]) -> bool:
        """WZ, RW, PZ, PW always move goods, unless made from a document that did; FS, PA, FZ only when told to."""
        kind = KINDS[self._draft.kind]
        if not kind.stock or any(source.moves_stock for source in sources):
            return False
        return self._draft.moves_stock or self._draft.kind in ("WZ", "RW", "PZ", "PW")

    def _what_stock_allows(self, placed: Sequence[Placed]) -> list[Placed]:
        goods = [
            Goods(index, line.item_id, line.draft.sku, line.draft.quantity, line.root_line)
            for index, line in enumerate(placed)
            if not line.draft.service
        ]
        can = self._stock.issuable(goods)
        some = [
            replace(line, draft=replace(line.draft, quantity=can[index])) if index in can else line
            for index, line in enumerate(placed)
            if can.get(index, line.draft.quantity) > 0
        ]
        if goods and not any(can.values()):
            raise Waiting(
                "ledger.not-in-stock",
                f"None of {', '.join(line.sku for line in goods)} is in warehouse {self._warehouse}.",
                tuple(f"stock:{line.sku}@{self._warehouse}" for line in goods),
                "It goes on by itself when goods arrive.",
            )
        return some

    def _write(self, placed: list[Placed], sources: Sequence[Any]) -> int:
        draft, kind = self._draft, KINDS[self._draft.kind]
        counted = count_lines([line.draft for line in placed], draft.basis)
        moves = self._moves_stock(sources)
        approve = draft.approve
        # rows that others may hold are locked in one order everywhere: buyer, goods, counters
        head = self._head_values(counted.net, counted.tax, counted.gross)
        if moves or (kind.reserves and approve):
            self._stock.levels([line.item_id for line in placed if not line.draft.service])
        document_id = self._connection.execute(
            insert(documents).values(
                company=draft.company,
                key=draft.key,
                kind=draft.kind,
                number=next_number(self._connection, draft, self._warehouse),
                series=draft.series,
                state="approved" if approve else "bufor",
                warehouse=self._warehouse,
                sources=json.dumps([str(source.id) for source in sources]),
                moves_stock=moves or any(source.moves_stock for source in sources),
                origin=draft.attributes.get("ORDER_SOURCE", ""),
                change_no=next_change(self._connection),
                **head,
            )
        ).inserted_primary_key
        assert document_id is not None
        ids = self._write_lines(document_id[0], placed, counted.lines)
        for line in placed:
            if line.source_line is not None:
                self._connection.execute(
                    update(lines)
                    .where(lines.c.id == line.source_line)
                    .values(realised=lines.c.realised + line.draft.quantity)
                )
        goods = self._goods(placed, ids)
        if kind.reserves and approve:
            self._stock.reserve(goods)
        if moves and kind.stock < 0:
            for line_id, cost in self._stock.issue(goods).items():
                self._connection.execute(update(lines).where(lines.c.id == line_id).values(cost=cost))
        if moves and kind.stock > 0:
            self._stock.receive(goods, draft.issued_on)
        return int(document_id[0])

    def _head_values(self, net: Decimal, tax: Decimal, gross: Decimal) -> dict[str, Any]:
        draft = self._draft
        rate = draft.rate or Decimal(1)
        return {
            "issued_on": draft.issued_on,
            "sold_on": draft.sold_on,
            "due_on": draft.due_on,
            "currency": draft.currency,
            "basis": draft.basis,
            "rate": draft.rate,
            "rate_note": draft.rate_note,
            "contractor_id": contractor_of(self._connection, draft.company, draft.buyer),
            "buyer": party_to_text(draft.buyer),
            "recipient": party_to_text(draft.recipient) if draft.recipient else "",
            "net": net,
            "tax": tax,
            "gross": gross,
            "net_pln": round_cent(net * rate),
            "tax_pln": round_cent(tax * rate),
            "payment_form": draft.payment_form[:100],
            "paid": draft.paid,
            "foreign_number": draft.foreign_number,
            "notes": draft.notes,
            "attributes": json.dumps(draft.attributes, ensure_ascii=False),
        }

    def _write_lines(self, document_id: int, placed: Sequence[Placed], values: Sequence[Any]) -> list[int]:
        rows = [
            {
                "document_id": document_id,
                "position": position,
                "item_id": line.item_id,
                "sku": line.draft.sku,
                "name": line.draft.name[:255],
                "quantity": line.draft.quantity,
                "unit": line.draft.unit,
                "price": line.draft.price,
                "vat": line.draft.vat.code,
                "net": value.net,
                "tax": value.tax,
                "gross": value.gross,
                "service": line.draft.service,
                "order_line": line.draft.order_line,
                "notes": line.draft.notes,
                "realised": Decimal(0),
                "source_line": line.source_line,
                "root_line": line.root_line,
                "cost": Decimal(0),
            }
            for position, (line, value) in enumerate(zip(placed, values, strict=True), 1)
        ]
        self._connection.execute(insert(lines), rows)
        return list(
            self._connection.execute(
                select(lines.c.id).where(lines.c.document_id == document_id).order_by(lines.c.position)
            ).scalars()
        )

    def _goods(self, placed: Sequence[Placed], ids: Sequence[int]) -> list[Goods]:
        return [
            Goods(
                line_id,
                line.item_id,
                line.draft.sku,
                line.draft.quantity,
                line.root_line,
                self._unit_cost(line.draft),
            )
            for line, line_id in zip(placed, ids, strict=True)
            if not line.draft.service
        ]

    def _unit_cost(self, line: DraftLine) -> Decimal:
        """What a unit that is received costs: net of VAT, in PLN."""
        part = 100 / (100 + line.vat.percent) if self._draft.basis == "gross" else Decimal(1)
        return line.price * part * (self._draft.rate or Decimal(1))


def _check_line(line: DraftLine) -> None:
    if line.quantity <= 0:
        raise NeedsPerson(
            "ledger.negative-quantity",
            f"{line.sku}: quantity {line.quantity:f} can't stand on a document.",
            "Returns are made as corrections.",
        )
    fine = Decimal("0.0001")
    if line.quantity != line.quantity.quantize(fine) or line.price != line.price.quantize(fine):
        raise NeedsPerson(
            "ledger.too-many-decimals",
            f"{line.sku}: quantity {line.quantity:f} or price {line.price:f} has more than four decimals.",
            "Round it in the channel.",
        )
    if abs(line.price * line.quantity) >= Decimal("1e15") * CENT:
        raise NeedsPerson(
            "ledger.too-large", f"{line.sku}: the amount is too large.", "Correct it in the channel."
        )

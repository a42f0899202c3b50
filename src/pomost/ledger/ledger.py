"""The embedded ERP as a whole: the Erp port, the order documents made in it, and its administration."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from pomost.ledger import schema
from pomost.ledger.documents import Issuing
from pomost.ledger.numbers import next_change
from pomost.ledger.rows import read_documents
from pomost.ledger.stock import Goods, Level, Stock
from pomost.ports import Failure, Json, NeedsPerson, Page, Seen, TryAgain
from pomost.sql import Database, Id, insert_unless_there
from pomost.trade.documents import KINDS, Document, Draft, DraftLine
from pomost.trade.order import Order, OrderLine, Payment
from pomost.trade.vat import VatRate

documents, items, lines = schema.documents, schema.items, schema.lines
ORDER_KINDS = ("RO", "ZS", "ZK")
PAGE = 100

MAY_CANCEL = frozenset(
    {
        ("bufor", "RO"),
        ("approved", "RO"),
        ("approved", "ZS"),
        ("approved", "ZK"),
        ("approved", "WZ"),
        ("approved", "FS"),
        ("approved", "PZ"),
        ("approved", "PW"),
        ("approved", "RW"),
    }
)
"""Pairs (state, kind) of documents that may be cancelled while nothing is made from them. A PA may not: it is fiscal."""


class Ledger:
    """One ledger of one or more companies. Safe for many threads and, on PostgreSQL, many processes."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # --- the Erp port --------------------------------------------------------------------------------------------

    def capabilities(self) -> frozenset[str]:
        issues = {f"issue:{symbol}" for symbol in KINDS}
        converts = {f"convert:{kind.symbol}>{target}" for kind in KINDS.values() for target in kind.becomes}
        return frozenset(
            issues
            | converts
            | {f"amend:{symbol}" for symbol in ORDER_KINDS}
            | {"approve", "partial", "orders", "bufor"}
        )

    def find(self, company: str, key: str) -> Document | None:
        with self._db.reading() as connection:
            found = read_documents(connection, and_(documents.c.company == company, documents.c.key == key))
        return found[0] if found else None

    def issue(self, draft: Draft) -> Document:
        """Makes the document or gives the one its key already made; the unique index is what says which."""
        try:
            with self._db.writing() as connection:
                known = self._known(connection, draft)
                document_id = known if known is not None else Issuing(connection, draft).issue()
                return read_documents(connection, documents.c.id == document_id)[0]
        except IntegrityError as error:
            # another worker made the same document, counter or card between our look and our write
            made = self.find(draft.company, draft.key)
            if made is not None and made.kind == draft.kind:
                return made
            raise TryAgain(
                "ledger.busy", "Another document was made at the same moment.", "It is tried again."
            ) from error

    def amend(self, company: str, key: str, draft: Draft) -> Document:
        with self._db.writing() as connection:
            row = self._row(connection, company, key)
            Issuing(connection, draft).replace_lines(row.id)
            return read_documents(connection, documents.c.id == row.id)[0]

    def approve(self, company: str, key: str) -> Document:
        with self._db.writing() as connection:
            row = self._row(connection, company, key)
            if row.state == "cancelled":
                raise NeedsPerson(
                    "ledger.cancelled", f"{row.kind} {row.number} is cancelled.", "Make a new one."
                )
            if row.state == "bufor":
                if KINDS[row.kind].reserves:
                    self._stock(connection, row).reserve(self._goods(connection, row.id))
                connection.execute(
                    update(documents)
                    .where(documents.c.id == row.id)
                    .values(state="approved", change_no=next_change(connection))
                )
            return read_documents(connection, documents.c.id == row.id)[0]

    def cancel(self, company: str, key: str) -> Document:
        """Cancels a document of which nothing was made: reservations are released, goods go back to their lots."""
        with self._db.writing() as connection:
            row = self._row(connection, company, key)
            if row.state == "cancelled":
                return read_documents(connection, documents.c.id == row.id)[0]
            targets = self._targets(connection, row.id)
            if targets or (row.state, row.kind) not in MAY_CANCEL:
                why = (
                    f"{', '.join(targets)} was made from it"
                    if targets
                    else f"a {row.kind} may not be cancelled"
                )
                raise NeedsPerson(
                    "ledger.not-cancellable", f"{row.kind} {row.number}: {why}.", "Correct it instead."
                )
            self._undo(connection, row)
            connection.execute(
                update(documents)
                .where(documents.c.id == row.id)
                .values(state="cancelled", change_no=next_change(connection))
            )
            return read_documents(connection, documents.c.id == row.id)[0]

    def read(self, company: str, document_id: str) -> Document | None:
        if not document_id.isdecimal():
            return None
        with self._db.reading() as connection:
            found = read_documents(
                connection, and_(documents.c.company == company, documents.c.id == int(document_id))
            )
        return found[0] if found else None

    def unknown_items(self, company: str, skus: Iterable[str]) -> frozenset[str]:
        wanted = set(skus)
        with self._db.reading() as connection:
            known = set(
                connection.execute(
                    select(items.c.sku).where(items.c.company == company, items.c.sku.in_(wanted))
                ).scalars()
            )
        return frozenset(wanted - known)

    def item_vat(self, company: str, skus: Iterable[str]) -> Mapping[str, VatRate]:
        with self._db.reading() as connection:
            return {
                row.sku: VatRate.of(row.vat)
                for row in connection.execute(
                    select(items.c.sku, items.c.vat).where(
                        items.c.company == company, items.c.sku.in_(set(skus))
                    )
                )
            }

    def present(self, company: str, needs: Iterable[str]) -> frozenset[str]:
        """Needs are "item:SKU" and "stock:SKU@WAREHOUSE"; goods count as present when any are there."""
        wanted = list(needs)
        skus = {
            need: need.removeprefix("stock:").rsplit("@", 1)
            if need.startswith("stock:")
            else [need.removeprefix("item:")]
            for need in wanted
            if need.startswith(("item:", "stock:"))
        }
        known = set({parts[0] for parts in skus.values()}) - self.unknown_items(
            company, {p[0] for p in skus.values()}
        )
        levels: dict[str, Mapping[str, Level]] = {}
        found = set()
        for need, parts in skus.items():
            if parts[0] not in known:
                continue
            if need.startswith("item:"):
                found.add(need)
                continue
            if parts[0] not in levels:
                levels[parts[0]] = self.stock(company, parts[0])
            level = levels[parts[0]].get(parts[-1])
            if level is not None and level.quantity > 0:
                found.add(need)
        return frozenset(found)

    # --- order documents that were made here (B2B) ---------------------------------------------------------------

    def look(self, cursor: Json, company: str = "") -> Iterator[Page]:
        """Approved or cancelled RO, ZS and ZK that did not come from a channel, by the number of their last change."""
        last = int(cursor.get("change", 0))
        while True:
            with self._db.reading() as connection:
                where = and_(
                    documents.c.change_no > last,
                    documents.c.kind.in_(ORDER_KINDS),
                    documents.c.origin == "",
                    documents.c.state != "bufor",
                )
                if company:
                    where = and_(where, documents.c.company == company)
                found = read_documents(connection, where, order=documents.c.change_no, limit=PAGE)
                if not found:
                    return
                last = connection.execute(
                    select(func.max(documents.c.change_no)).where(
                        documents.c.id.in_([int(document.id) for document in found])
                    )
                ).scalar_one()
            yield Page(tuple(_seen(document) for document in found), {"change": last})
            if len(found) < PAGE:
                return

    def read_order(self, company: str, external_id: str) -> Seen | None:
        document = self.read(company, external_id)
        return _seen(document) if document is not None and document.kind in ORDER_KINDS else None

    # --- administration ------------------------------------------------------------------------------------------

    def add_company(
        self, code: str, name: str, nip: str = "", stock_method: str = "FIFO", negative_stock: bool = False
    ) -> None:
        """Adds a company or changes its settings."""
        values = {"name": name, "nip": nip, "stock_method": stock_method, "negative_stock": negative_stock}
        with self._db.writing() as connection:
            changed = connection.execute(
                update(schema.companies).where(schema.companies.c.code == code).values(**values)
            ).rowcount
            if not changed:
                connection.execute(
                    insert_unless_there(connection, schema.companies).values(code=code, **values)
                )

    def add_warehouse(self, company: str, code: str, name: str = "") -> None:
        """Adds a warehouse; the first one is the company's default."""
        table = schema.warehouses
        with self._db.writing() as connection:
            known = connection.execute(
                select(table.c.code).where(table.c.company == company, table.c.code == code)
            ).scalar()
            if known is None:
                count = connection.execute(
                    select(func.count()).where(table.c.company == company)
                ).scalar_one()
                connection.execute(
                    insert_unless_there(connection, table).values(
                        company=company, code=code, name=name or code, position=count
                    )
                )

    def add_series(self, company: str, kind: str, code: str, pattern: str) -> None:
        """Sets how documents of a kind and series are numbered."""
        table = schema.series
        with self._db.writing() as connection:
            where = (table.c.company == company, table.c.kind == kind, table.c.code == code)
            connection.execute(delete(table).where(*where))
            connection.execute(
                insert_unless_there(connection, table).values(
                    company=company, kind=kind, code=code, pattern=pattern
                )
            )

    def add_items(self, company: str, cards: Sequence[Mapping[str, Any]]) -> int:
        """Adds item cards that are not there yet: sku, name, vat, and by choice unit, kind, ean. Gives how many."""
        unknown = self.unknown_items(company, [str(card["sku"]) for card in cards])
        fresh: dict[str, dict[str, Any]] = {}
        for card in cards:
            sku = str(card["sku"])
            if sku in unknown:
                fresh[sku] = {
                    "company": company,
                    "sku": sku,
                    "name": str(card.get("name") or sku)[:255],
                    "vat": VatRate.of(card.get("vat", "23")).code,
                    "unit": str(card.get("unit", "szt")),
                    "kind": str(card.get("kind", "goods")),
                    "ean": str(card.get("ean", "")),
                }
        if fresh:
            with self._db.writing() as connection:
                connection.execute(insert_unless_there(connection, items), list(fresh.values()))
        return len(fresh)

    def stock(self, company: str, sku: str) -> dict[str, Level]:
        """Levels of an item by warehouse."""
        with self._db.reading() as connection:
            return {
                row.warehouse: Level(row.quantity, row.reserved)
                for row in connection.execute(
                    select(schema.stock.c.warehouse, schema.stock.c.quantity, schema.stock.c.reserved)
                    .join(items, items.c.id == schema.stock.c.item_id)
                    .where(items.c.company == company, items.c.sku == sku)
                )
            }

    def documents(self, company: str = "", kind: str = "", foreign_number: str = "") -> list[Document]:
        """Documents in the order in which they were made."""
        where = [documents.c.id > 0]
        if company:
            where.append(documents.c.company == company)
        if kind:
            where.append(documents.c.kind == kind)
        if foreign_number:
            where.append(documents.c.foreign_number == foreign_number)
        with self._db.reading() as connection:
            return read_documents(connection, and_(*where))

    def totals(self) -> list[tuple[str, str, str, int, Decimal]]:
        """(company, kind, currency, how many, gross) of everything that is not cancelled."""
        with self._db.reading() as connection:
            return [
                (row.company, row.kind, row.currency, row.n, Decimal(int(row.gross)).scaleb(-2))
                for row in connection.execute(
                    select(
                        documents.c.company,
                        documents.c.kind,
                        documents.c.currency,
                        func.count().label("n"),
                        func.sum(documents.c.gross, type_=Id).label("gross"),
                    )
                    .where(documents.c.state != "cancelled")
                    .group_by(documents.c.company, documents.c.kind, documents.c.currency)
                    .order_by(documents.c.company, documents.c.kind, documents.c.currency)
                )
            ]

    def close(self) -> None:
        self._db.close()

    # --- inside --------------------------------------------------------------------------------------------------

    @staticmethod
    def _known(connection: Any, draft: Draft) -> int | None:
        row = connection.execute(
            select(documents.c.id, documents.c.kind, documents.c.number).where(
                documents.c.company == draft.company, documents.c.key == draft.key
            )
        ).first()
        if row is None:
            return None
        if row.kind != draft.kind:
            raise NeedsPerson(
                "ledger.key-reused",
                f"{row.kind} {row.number} was already made where a {draft.kind} is asked for.",
                "Cancel it, or skip the step.",
            )
        return int(row.id)

    @staticmethod
    def _row(connection: Any, company: str, key: str) -> Any:
        row = connection.execute(
            select(documents).where(documents.c.company == company, documents.c.key == key).with_for_update()
        ).first()
        if row is None:
            raise NeedsPerson(
                "ledger.unknown-document", f'No document was made under "{key}".', "Look at its history."
            )
        return row

    @staticmethod
    def _targets(connection: Any, document_id: int) -> list[str]:
        own = select(lines.c.id).where(lines.c.document_id == document_id)
        return list(
            connection.execute(
                select(documents.c.number)
                .join(lines, lines.c.document_id == documents.c.id)
                .where(lines.c.source_line.in_(own), documents.c.state != "cancelled")
                .distinct()
            ).scalars()
        )

    @staticmethod
    def _stock(connection: Any, row: Any) -> Stock:
        company = connection.execute(
            select(schema.companies).where(schema.companies.c.code == row.company)
        ).one()
        return Stock(connection, row.warehouse, method=company.stock_method, negative=company.negative_stock)

    @staticmethod
    def _goods(connection: Any, document_id: int) -> list[Goods]:
        return [
            Goods(line.id, line.item_id, line.sku, line.quantity, line.root_line)
            for line in connection.execute(select(lines).where(lines.c.document_id == document_id))
            if not line.service
        ]

    def _undo(self, connection: Any, row: Any) -> None:
        goods = self._goods(connection, row.id)
        stock = self._stock(connection, row)
        kind = KINDS[row.kind]
        if kind.reserves:
            stock.release([line.line_id for line in goods])
        if row.moves_stock and kind.stock < 0:
            stock.put_back(goods)
            stock.keep_again(goods)
        if row.moves_stock and kind.stock > 0:
            stock.take_back(goods)
        for line in connection.execute(select(lines).where(lines.c.document_id == row.id)).all():
            if line.source_line is not None:
                connection.execute(
                    update(lines)
                    .where(lines.c.id == line.source_line)
                    .values(realised=lines.c.realised - line.quantity)
                )


class LedgerOrders:
    """The ledger of one company as a source of orders."""

    def __init__(self, ledger: Ledger, company: str) -> None:
        self._ledger = ledger
        self._company = company

    def look(self, cursor: Json) -> Iterator[Page]:
        return self._ledger.look(cursor, self._company)

    def read(self, external_id: str) -> Seen | None:
        return self._ledger.read_order(self._company, external_id)

    def parse(self, raw: Json) -> Order:
        seen = self.read(str(raw["id"]))
        if seen is None or seen.order is None:
            raise NeedsPerson(
                "ledger.unknown-document", "The order document is not there any more.", "Skip the case."
            )
        return seen.order


def _seen(document: Document) -> Seen:
    raw = json.loads(json.dumps(asdict(document), default=str))
    problem: Failure | None = None
    return Seen(document.id, raw, _order(document), problem)


def _order(document: Document) -> Order:
    """An order document as an order: what a channel is to be told, and what conditions may ask about."""
    at = datetime.combine(document.issued_on, time(12), UTC)
    return Order(
        id=document.id,
        number=document.number,
        source="ledger",
        status="Anulowane" if document.state == "cancelled" else document.state,
        confirmed=True,
        placed_at=at,
        confirmed_at=at,
        currency=document.currency,
        buyer=document.buyer,
        lines=tuple(
            OrderLine(
                id=line.id,
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                price=line.price,
                vat=line.vat,
                unit=line.unit,
            )
            for line in document.lines
        ),
        basis=document.basis,
        payment=Payment(method=document.payment_form, paid=document.paid),
        wants_invoice=bool(document.buyer.tax_id),
        comments=document.notes,
        extra=dict(document.attributes),
    )


def open_ledger(url: str, *, durable: bool = True) -> Ledger:
    """Opens the ledger and brings its tables up to date."""
    database = Database(url, durable=durable)
    database.create_tables(schema.metadata)
    return Ledger(database)


def receive_draft(
    company: str, warehouse: str, key: str, on: date, goods: Mapping[str, tuple[Decimal, Decimal]]
) -> Draft:
    """A PW that puts goods in: SKU -> (quantity, unit cost net)."""
    return Draft(
        kind="PW",
        company=company,
        key=key,
        issued_on=on,
        warehouse=warehouse,
        basis="net",
        lines=tuple(
            DraftLine(sku=sku, name=sku, quantity=quantity, price=cost, vat=VatRate.of("23"))
            for sku, (quantity, cost) in goods.items()
        ),
    )

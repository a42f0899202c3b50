"""A ledger in a file, with goods, and short words for what is done in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from pomost.ledger import Ledger, receive_draft, schema
from pomost.sql import Database
from pomost.trade.documents import Document, Draft, DraftLine
from pomost.trade.order import Party
from pomost.trade.vat import VatRate

TODAY = date(2026, 11, 25)
ANNA = Party(name="Anna Przykładowa")


def goods(sku: str, quantity: str, price: str = "10.00", vat: str = "23", **more: Any) -> DraftLine:
    return DraftLine(
        sku=sku, name=sku, quantity=Decimal(quantity), price=Decimal(price), vat=VatRate.of(vat), **more
    )


class Books:
    """One company "main" with warehouses MAG and MAG2 and item cards A, B and the service USL."""

    def __init__(self, ledger: Ledger, database: Database, method: str = "FIFO") -> None:
        self.ledger = ledger
        self.database = database
        setup = ledger.setup
        setup.add_company("main", "Sklep Przykładowy", method=method)  # type: ignore[arg-type]
        setup.add_warehouse("main", "MAG")
        setup.add_warehouse("main", "MAG2")
        cards = ({"sku": "A"}, {"sku": "B"}, {"sku": "USL", "kind": "service"})
        setup.add_items("main", [{"vat": "23", **card} for card in cards])

    def receive(
        self, key: str, sku: str, quantity: str, cost: str = "5", warehouse: str = "MAG", on: date = TODAY
    ) -> Document:
        return self.ledger.issue(
            receive_draft("main", warehouse, key, on, {sku: (Decimal(quantity), Decimal(cost))})
        )

    def issue(self, kind: str, key: str, *lines: DraftLine, **more: Any) -> Document:
        """A document of its own lines, or with ``of`` made from documents."""
        of = more.pop("of", ())
        sources = tuple(document.id for document in ((of,) if isinstance(of, Document) else of))
        return self.ledger.issue(self.draft(kind, key, *lines, sources=sources, **more))

    def draft(self, kind: str, key: str, *lines: DraftLine, **more: Any) -> Draft:
        return Draft(
            **{
                "kind": kind,
                "company": "main",
                "key": key,
                "issued_on": TODAY,
                "buyer": ANNA,
                "lines": lines,
                **more,
            }
        )

    def level(self, sku: str, warehouse: str = "MAG") -> tuple[Decimal, Decimal]:
        """(quantity, reserved)"""
        level = self.ledger.stock("main", sku).get(warehouse)
        return (level.quantity, level.reserved) if level else (Decimal(0), Decimal(0))

    def cost(self, document: Document) -> list[Decimal]:
        """What each line cost."""
        line, movement = schema.line, schema.movement
        with self.database.reading() as connection:
            return list(
                connection.execute(
                    select(func.coalesce(func.sum(movement.c.value), Decimal(0), type_=movement.c.value.type))
                    .select_from(line)
                    .outerjoin(movement, (movement.c.line_id == line.c.id) & movement.c.active)
                    .where(line.c.document_id == int(document.id))
                    .group_by(line.c.id)
                    .order_by(line.c.id)
                ).scalars()
            )

    def lots(self) -> list[Decimal]:
        """What is left in each lot, in the order in which they came."""
        return self.column(schema.lot.c.left)

    def column(self, column: Any, *where: Any) -> list[Any]:
        with self.database.reading() as connection:
            return list(
                connection.execute(select(column).where(*where).order_by(column.table.c.id)).scalars()
            )

    def realised(self, document: Document) -> list[Decimal]:
        found = self.ledger.read("main", document.id)
        assert found is not None
        return [line.realised for line in found.lines]

    def sums(self) -> Mapping[str, Mapping[tuple[int, int], Decimal]]:
        """By item and warehouse: stock as kept, reserved as kept, and the sums of open lots and reservations."""
        found: dict[str, dict[tuple[int, int], Decimal]] = {
            "stock": {},
            "reserved": {},
            "lots": {},
            "reservations": {},
        }
        with self.database.reading() as connection:
            for row in connection.execute(select(schema.stock)):
                found["stock"][row.item_id, row.warehouse_id] = row.quantity
                found["reserved"][row.item_id, row.warehouse_id] = row.reserved
            for name, table, value in (
                ("lots", schema.lot, schema.lot.c.left),
                ("reservations", schema.reservation, schema.reservation.c.open),
            ):
                found[name] = dict.fromkeys(found["stock"], Decimal(0))
                for item_id, warehouse, quantity in connection.execute(
                    select(table.c.item_id, table.c.warehouse_id, value)
                ):
                    found[name][item_id, warehouse] += quantity
        return found

"""What tests of the ledger begin with: a firm that sells mugs, and short ways to write its documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, func, select

from pomost.ledger import Ledger, receive_draft, schema
from pomost.ports import Failure
from pomost.sql import Database
from pomost.trade.documents import Document, Draft, DraftLine
from pomost.trade.order import Address, Party
from pomost.trade.vat import VatRate

DAY = date(2026, 3, 5)
ANNA = Party(
    name="Anna Przykładowa",
    email="anna@example.com",
    phone="+48 600 000 000",
    address=Address("Próbna 1/2", "00-001", "Warszawa", "", "PL"),
)
FIRMA = Party(
    company="Przykład sp. z o.o.",
    tax_id="5260250274",
    address=Address("Próbna 3", "00-001", "Warszawa", "", "PL"),
)


class Unguarded(Database):
    """Writers that exclude nobody: each statement is a transaction of its own."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._free = create_engine(self.engine.url, isolation_level="AUTOCOMMIT")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._free.connect() as connection:
            yield connection

    def close(self) -> None:
        self._free.dispose()
        super().close()


class Firm:
    """KUBKI with warehouse MAG and 10 pieces of KUBEK-1 and KUBEK-2 in it, at 5.50 and 7.00; without ``goods`` there are
    none, and a warehouse MAG2 beside."""

    def __init__(self, ledger: Ledger, *, goods: bool = True, **settings: Any) -> None:
        self.ledger = ledger
        self.code = "KUBKI"
        setup = ledger.setup
        setup.add_company(self.code, "Kubki sp. z o.o.", "5260250274", **settings)
        setup.add_warehouse(self.code, "MAG", "Magazyn główny")
        setup.put_items(
            self.code,
            [
                {"sku": "KUBEK-1", "name": "Kubek biały", "vat": "23"},
                {"sku": "KUBEK-2", "name": "Kubek czarny", "vat": "8"},
                {"sku": "DOSTAWA", "name": "Dostawa", "vat": "23", "kind": "service"},
            ],
        )
        if goods:
            setup.receive(
                self.code, "MAG", {"KUBEK-1": (10, "5.50"), "KUBEK-2": (10, "7.00")}, "start", on=DAY
            )
        else:
            setup.add_warehouse(self.code, "MAG2", "Magazyn drugi")

    def draft(self, kind: str, key: str, *lines: DraftLine, **more: Any) -> Draft:
        more.setdefault("buyer", ANNA if lines else Party())
        return Draft(kind, self.code, key, more.pop("on", DAY), lines=lines, **more)

    def issue(self, kind: str, key: str, *lines: DraftLine, **more: Any) -> Document:
        return self.ledger.issue(self.draft(kind, key, *lines, **more))

    def convert(self, kind: str, key: str, *sources: Document, **more: Any) -> Document:
        lines = more.pop("lines", ())
        return self.issue(kind, key, *lines, sources=tuple(source.id for source in sources), **more)

    def receive(
        self,
        key: str,
        quantity: int | str,
        cost: str = "5.00",
        sku: str = "KUBEK-1",
        warehouse: str = "MAG",
        on: date = DAY,
    ) -> Document:
        goods = {sku: (Decimal(quantity), Decimal(cost))}
        return self.ledger.issue(receive_draft(self.code, warehouse, key, on, goods))

    def again(self, document: Document) -> Document:
        """The document as it is now."""
        found = self.ledger.read(self.code, document.id)
        assert found is not None
        return found

    def stock(self, sku: str = "KUBEK-1", warehouse: str = "MAG") -> tuple[Decimal, Decimal]:
        """(quantity, reserved)"""
        row = self.ledger.stock(self.code, sku).get(warehouse)
        return (row.quantity, row.reserved) if row else (Decimal(0), Decimal(0))

    def value(self, sku: str = "KUBEK-1") -> Decimal:
        return self.ledger.stock(self.code, sku)["MAG"].value

    def cost(self, document: Document) -> list[Decimal]:
        """What each line cost."""
        line, movement = schema.line, schema.movement
        asked = (
            select(func.coalesce(func.sum(movement.c.value), Decimal(0), type_=movement.c.value.type))
            .select_from(line)
            .outerjoin(movement, (movement.c.line_id == line.c.id) & movement.c.active)
            .where(line.c.document_id == int(document.id))
            .group_by(line.c.id)
            .order_by(line.c.id)
        )
        with self.ledger._transactions.reading() as connection:
            return list(connection.execute(asked).scalars())

    def lots(self) -> list[Decimal]:
        """What is left in each lot, in the order in which they came."""
        return self.column(schema.lot.c.left)

    def column(self, column: Any) -> list[Any]:
        """A column of all rows, in the order of their ids."""
        with self.ledger._transactions.reading() as connection:
            return list(connection.execute(select(column).order_by(column.table.c.id)).scalars())

    def realised(self, document: Document) -> list[Decimal]:
        return [line.realised for line in self.again(document).lines]

    def sums(self) -> dict[str, dict[tuple[int, int], Decimal]]:
        """By item and warehouse: stock as kept, reserved as kept, and the sums of open lots and reservations."""
        found: dict[str, dict[tuple[int, int], Decimal]] = {"stock": {}, "reserved": {}}
        with self.ledger._transactions.reading() as connection:
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

    def refused(self, code: str, act: Callable[[], object]) -> Failure:
        """Does ``act``, which must fail with ``code`` and leave every table as it was; gives the failure."""
        before = everything_in(self.ledger)
        failure = refused(code, act)
        assert everything_in(self.ledger) == before, "a refusal leaves nothing half made"
        return failure


def mugs(quantity: int | str, price: str = "19.99", sku: str = "KUBEK-1", **more: Any) -> DraftLine:
    return DraftLine(sku, "Kubek", Decimal(quantity), Decimal(price), VatRate(Decimal(23)), **more)


def goods(sku: str, quantity: str, price: str = "10.00", vat: str = "23", **more: Any) -> DraftLine:
    return DraftLine(sku, sku, Decimal(quantity), Decimal(price), VatRate.of(vat), **more)


def shipping(price: str = "9.99") -> DraftLine:
    return DraftLine("DOSTAWA", "Dostawa", Decimal(1), Decimal(price), VatRate(Decimal(23)), service=True)


def everything_in(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables."""
    with ledger._transactions.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in schema.metadata.sorted_tables
        }


def refused(code: str, act: Callable[[], object]) -> Failure:
    """Does ``act``, which must fail with ``code``; gives the failure."""
    with pytest.raises(Failure) as caught:
        act()
    assert caught.value.code == code, str(caught.value)
    return caught.value


def sell_in_a_process(url: str, keys: list[str]) -> list[str]:
    """Issues one piece under each key, in a process of its own; gives kinds and codes of failure."""
    ledger = Ledger(Database(url))
    outcomes = []
    for key in keys:
        draft = Draft("WZ", "KUBKI", key, DAY, buyer=ANNA, lines=(mugs(1),))
        try:
            outcomes.append(ledger.issue(draft).kind)
        except Failure as failure:
            outcomes.append(failure.code)
    return outcomes

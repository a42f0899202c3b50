"""Random lives: whatever is received, reserved, issued, cancelled and amended, stock, lots and reservations agree."""

from __future__ import annotations

import itertools
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlalchemy import func, select

from pomost.ledger import Ledger, schema
from pomost.ports import Failure
from pomost.sql import Database
from pomost.trade.documents import Document, Draft
from tests import tables
from tests.ledger.firm import DAY, Firm, mugs

SKUS = ["KUBEK-1", "KUBEK-2"]
EXPECTED = {
    "ledger.not-in-stock",
    "ledger.has-followers",
    "ledger.goods-used",
    "ledger.nothing-left",
    "ledger.not-convertible",
    "ledger.source-not-approved",
    "ledger.receipt-from-net",
    "ledger.fiscal",
    "ledger.state",
    "ledger.stock-already-moved",
    "ledger.over-realised",
    "ledger.not-in-bufor",
    "ledger.delete-imported",
    "ledger.unknown-document",
    "ledger.unknown-source",
    "ledger.line-mismatch",
}

lines = st.lists(st.tuples(st.sampled_from(SKUS), st.integers(1, 6)), min_size=1, max_size=3)


class Lives(RuleBasedStateMachine):
    orders = Bundle("orders")
    sold = Bundle("sold")
    documents = Bundle("documents")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        url = tables.lay(Path(self.folder.name) / "ledger.db", "ledger")
        self.database = Database(url, durable=False)
        self.engine = self.database.engine
        self.keys = itertools.count(1)
        self.firm: Firm

    @initialize(method=st.sampled_from(["FIFO", "LIFO", "AVCO"]), beyond=st.booleans())
    def begin(self, method: str, beyond: bool) -> None:
        self.firm = Firm(Ledger(self.database), method=method, reserve_beyond_stock=beyond)

    def teardown(self) -> None:
        if hasattr(self, "firm"):
            self.nothing_is_realised_beyond_what_was_asked_for()
            self.numbers_have_no_gap_but_those_given_back()
        self.database.close()
        self.folder.cleanup()

    def attempt(self, act: Any) -> Any:
        """What the rules refuse is a normal part of life; anything else fails the test."""
        try:
            made = act()
        except Failure as failure:
            if failure.code not in EXPECTED:
                raise
            return multiple()
        return made if isinstance(made, Document) else multiple()

    def draft(self, kind: str, wanted: list[tuple[str, int]], **more: Any) -> Draft:
        return self.firm.draft(
            kind, f"{next(self.keys)}", *(mugs(n, "3.33", sku) for sku, n in wanted), **more
        )

    @rule(target=documents, kind=st.sampled_from(["PZ", "PW"]), wanted=lines, approve=st.booleans())
    def receive(self, kind: str, wanted: list[tuple[str, int]], approve: bool) -> Any:
        return self.attempt(
            lambda: self.firm.ledger.issue(self.draft(kind, wanted, approve=approve, basis="net"))
        )

    @rule(target=orders, wanted=lines, approve=st.sampled_from([True, True, False]))
    def reserve(self, wanted: list[tuple[str, int]], approve: bool) -> Any:
        return self.attempt(lambda: self.firm.ledger.issue(self.draft("RO", wanted, approve=approve)))

    @rule(target=sold, order=orders, kind=st.sampled_from(["FS", "PA", "WZ"]), partial=st.booleans())
    def sell(self, order: Document, kind: str, partial: bool) -> Any:
        return self.attempt(
            lambda: self.firm.convert(kind, f"{next(self.keys)}", order, moves_stock=True, partial=partial)
        )

    @rule(
        target=documents,
        kind=st.sampled_from(["FS", "PA", "WZ", "RW"]),
        wanted=lines,
        approve=st.booleans(),
        moves=st.booleans(),
        partial=st.booleans(),
    )
    def issue(
        self, kind: str, wanted: list[tuple[str, int]], approve: bool, moves: bool, partial: bool
    ) -> Any:
        draft = self.draft(kind, wanted, approve=approve, moves_stock=moves, partial=partial)
        return self.attempt(lambda: self.firm.ledger.issue(draft))

    @rule(
        target=documents,
        source=st.one_of(orders, documents, sold),
        kind=st.sampled_from(["FS", "PA", "WZ", "FZ"]),
        approve=st.booleans(),
        moves=st.booleans(),
        partial=st.booleans(),
    )
    def convert(self, source: Document, kind: str, approve: bool, moves: bool, partial: bool) -> Any:
        return self.attempt(
            lambda: self.firm.convert(
                kind,
                f"{next(self.keys)}",
                source,
                approve=approve,
                moves_stock=moves,
                partial=partial and kind != "FZ",
            )
        )

    @rule(target=sold, source=orders, quantity=st.integers(1, 4))
    def convert_some(self, source: Document, quantity: int) -> Any:
        line = source.lines[0]
        wanted = mugs(quantity, "3.33", line.sku, source_line=line.id)
        return self.attempt(
            lambda: self.firm.convert("FS", f"{next(self.keys)}", source, lines=(wanted,), moves_stock=True)
        )

    @rule(document=st.one_of(orders, documents))
    def approve(self, document: Document) -> None:
        self.attempt(lambda: self.firm.ledger.approve("KUBKI", document.key))

    @rule(document=st.one_of(orders, sold, documents))
    def cancel(self, document: Document) -> None:
        self.attempt(lambda: self.firm.ledger.cancel("KUBKI", document.key))

    @rule(document=st.one_of(orders, documents))
    def delete(self, document: Document) -> None:
        self.attempt(lambda: self.firm.ledger.delete("KUBKI", document.key))

    @rule(document=orders, wanted=lines)
    def amend(self, document: Document, wanted: list[tuple[str, int]]) -> None:
        draft = self.draft("RO", wanted)
        self.attempt(lambda: self.firm.ledger.amend("KUBKI", document.key, draft))

    @invariant()
    def stock_lots_and_reservations_agree(self) -> None:
        stock, lot, reservation = schema.stock, schema.lot, schema.reservation
        with self.engine.connect() as connection:
            rows = connection.execute(select(stock)).all()
            lots = dict(
                connection.execute(select(lot.c.item_id, func.sum(lot.c.left)).group_by(lot.c.item_id)).all()
            )
            held = dict(
                connection.execute(
                    select(reservation.c.item_id, func.sum(reservation.c.open)).group_by(
                        reservation.c.item_id
                    )
                ).all()
            )
            bad_lots = connection.execute(
                select(func.count()).where((lot.c.left < 0) | (lot.c.left > lot.c.received))
            ).scalar_one()
            bad_reservations = connection.execute(
                select(func.count()).where(
                    (reservation.c.open < 0) | (reservation.c.open > reservation.c.quantity)
                )
            ).scalar_one()
        assert (bad_lots, bad_reservations) == (0, 0)
        for row in rows:
            assert row.quantity >= 0
            assert row.reserved >= 0
            assert row.quantity == lots.get(row.item_id, 0)
            assert row.reserved == held.get(row.item_id, 0)
            assert row.value >= 0
            assert (row.quantity > 0) or (row.value == 0)

    @invariant()
    def movements_explain_the_stock(self) -> None:
        line, document, movement = schema.line, schema.document, schema.movement
        with self.engine.connect() as connection:
            received = dict(
                connection.execute(
                    select(line.c.item_id, func.sum(line.c.quantity))
                    .join(document, document.c.id == line.c.document_id)
                    .where(document.c.state == "approved", document.c.kind.in_(["PZ", "PW"]))
                    .group_by(line.c.item_id)
                ).all()
            )
            issued = dict(
                connection.execute(
                    select(movement.c.item_id, func.sum(movement.c.quantity))
                    .where(movement.c.active)
                    .group_by(movement.c.item_id)
                ).all()
            )
            stock = dict(connection.execute(select(schema.stock.c.item_id, schema.stock.c.quantity)).all())
        for item_id, quantity in stock.items():
            assert quantity == received.get(item_id, Decimal(0)) - issued.get(item_id, Decimal(0))

    def nothing_is_realised_beyond_what_was_asked_for(self) -> None:
        for document in self.firm.ledger.documents():
            assert document.issued_on == DAY
            for one in document.lines:
                assert 0 <= one.realised <= one.quantity

    def numbers_have_no_gap_but_those_given_back(self) -> None:
        counter = schema.counter
        with self.engine.connect() as connection:
            counters = connection.execute(select(counter)).all()
        for row in counters:
            numbers = [int(one.number.split("/")[1]) for one in self.firm.ledger.documents(kind=row.kind)]
            assert len(set(numbers)) == len(numbers) == row.last - row.free


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    deadline=None,
    # each life is a database of its own: shrinking a failed one would take minutes
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

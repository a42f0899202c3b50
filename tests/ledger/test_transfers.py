"""MM: goods between two warehouses at lot cost, there and back; ZD; and what lies where for an order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pomost.ledger import Ledger, gathering, open_ledger, receive_draft, schema
from pomost.sql import Database
from pomost.trade.allocation import allocate
from pomost.trade.documents import Document
from tests import tables
from tests.ledger.firm import DAY, Firm, mugs
from tests.ledger.test_races import at_once

D = Decimal
OLD = date(2026, 1, 7)


@pytest.fixture
def two(make_firm: Callable[..., Firm]) -> Callable[..., Firm]:
    """Firms with a second warehouse SKLEP, both empty."""

    def make(**settings: Any) -> Firm:
        firm = make_firm(goods=False, **settings)
        firm.ledger.setup.add_warehouse(firm.code, "SKLEP")
        firm.ledger.setup.add_warehouse(firm.code, "ZAPAS")
        return firm

    return make


def bring(firm: Firm, key: str, quantity: int, cost: str = "5.00", to: str = "SKLEP", on: date = DAY) -> None:
    goods = {"KUBEK-1": (D(quantity), D(cost))}
    firm.ledger.issue(receive_draft(firm.code, to, key, on, goods))


def move(firm: Firm, key: str, quantity: int, *of: Document, **more: Any) -> Document:
    source_line = of[0].lines[0].id if of else ""
    line = mugs(quantity, "0", source_line=source_line)
    return firm.issue(
        "MM",
        key,
        line,
        **{
            "warehouse": "SKLEP",
            "target": "MAG",
            "basis": "net",
            "sources": tuple(one.id for one in of),
            **more,
        },
    )


def lots(firm: Firm, database: Database) -> list[tuple[str, date, Decimal, Decimal]]:
    """(warehouse, received on, left, cost) of open lots."""
    lot, warehouse = schema.lot, schema.warehouse
    with database.reading() as connection:
        rows = connection.execute(
            select(warehouse.c.code, lot.c.received_on, lot.c.left, lot.c.cost)
            .join(warehouse, warehouse.c.id == lot.c.warehouse_id)
            .where(lot.c.left != 0)
            .order_by(warehouse.c.code, lot.c.received_on, lot.c.id)
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]


def value(firm: Firm, warehouse: str) -> Decimal:
    return firm.ledger.stock(firm.code, "KUBEK-1")[warehouse].value


def test_goods_keep_the_day_and_the_cost_of_their_lots(two: Callable[..., Firm], database: Database) -> None:
    firm = two()
    bring(firm, "old", 2, "4.00", on=OLD)
    bring(firm, "new", 5, "6.00")

    made = move(firm, "mm", 3)

    assert (made.number, made.warehouse, made.target, made.state) == ("MM/1/2026", "SKLEP", "MAG", "approved")
    assert lots(firm, database) == [
        ("MAG", OLD, 2, 4),
        ("MAG", DAY, 1, 6),
        ("SKLEP", DAY, 4, 6),
    ]
    assert (value(firm, "MAG"), value(firm, "SKLEP")) == (14, 24)
    assert move(firm, "mm", 3) == made, "repeating makes nothing new"


@pytest.mark.parametrize("method", ["FIFO", "LIFO", "AVCO"])
def test_cancelled_everything_is_as_it_was(method: str, two: Callable[..., Firm], database: Database) -> None:
    firm = two(method=method)
    bring(firm, "a", 3, "3.33", on=OLD)
    bring(firm, "b", 4, "7.77")
    bring(firm, "c", 1, "1.01", to="MAG")
    before = lots(firm, database), value(firm, "MAG"), value(firm, "SKLEP")

    move(firm, "mm", 5)
    assert value(firm, "MAG") + value(firm, "SKLEP") == before[1] + before[2], "no grosz comes or goes"
    firm.ledger.cancel(firm.code, "mm")
    firm.ledger.cancel(firm.code, "mm")

    assert (lots(firm, database), value(firm, "MAG"), value(firm, "SKLEP")) == before


def test_in_bufor_the_goods_are_on_their_way(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "a", 5)

    move(firm, "mm", 3, approve=False)
    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((2, 0), (0, 0))
    firm.ledger.approve(firm.code, "mm")
    firm.ledger.approve(firm.code, "mm")
    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((2, 0), (3, 0))

    move(firm, "mm2", 2, approve=False)
    firm.ledger.delete(firm.code, "mm2")
    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((2, 0), (3, 0))
    assert move(firm, "mm3", 1).number == "MM/2/2026", "the number of a deleted one is given again"


def test_what_was_issued_since_can_not_go_back(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "a", 5)
    mm = move(firm, "mm", 3)
    sold = firm.issue("WZ", "wz", mugs(1))

    firm.refused("ledger.goods-used", lambda: firm.ledger.cancel(firm.code, "mm"))
    assert firm.ledger.ties(firm.code, mm.key).users == (sold.id,)

    firm.ledger.cancel(firm.code, "wz")
    firm.ledger.cancel(firm.code, "mm")
    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((5, 0), (0, 0))


def test_goods_that_others_reserved_are_not_taken(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "a", 5)
    firm.issue("RO", "other", mugs(3), warehouse="SKLEP")

    firm.refused("ledger.not-in-stock", lambda: move(firm, "mm", 3))
    move(firm, "mm", 2)

    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((3, 3), (2, 0))


def test_what_the_order_itself_reserved_moves_with_the_goods_and_back(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "a", 5)
    order = firm.issue("RO", "ro", mugs(4), warehouse="SKLEP")

    move(firm, "mm", 4, order)
    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((1, 0), (4, 4))
    firm.refused("ledger.not-in-stock", lambda: firm.issue("WZ", "wz", mugs(1)))
    assert firm.again(order).lines[0].realised == 0, "an MM realises nothing"

    firm.ledger.cancel(firm.code, "mm")
    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((5, 4), (0, 0))


def test_an_order_can_not_be_cancelled_while_its_mm_is_in_force(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "a", 5)
    order = firm.issue("RO", "ro", mugs(4))
    move(firm, "mm", 4, order)

    firm.refused("ledger.has-followers", lambda: firm.ledger.cancel(firm.code, "ro"))
    firm.ledger.cancel(firm.code, "mm")
    firm.ledger.cancel(firm.code, "ro")

    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((5, 0), (0, 0))


def test_an_mm_whose_goods_others_have_does_not_hold_its_order(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "a", 5, on=OLD)
    order = firm.issue("RO", "ro", mugs(4))
    bring(firm, "b", 1, to="MAG")
    move(firm, "mm", 4, order)
    firm.issue("WZ", "wz", mugs(1))  # by FIFO, of the older goods: those that were moved
    firm.refused("ledger.goods-used", lambda: firm.ledger.cancel(firm.code, "mm"))

    firm.ledger.cancel(firm.code, "ro")

    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((1, 0), (4, 0)), (
        "what is left is free where it lies"
    )
    firm.ledger.cancel(firm.code, "wz")
    firm.ledger.cancel(firm.code, "mm")
    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((5, 0), (1, 0)), (
        "once nobody has them, they may go back"
    )


def test_never_below_zero_even_where_the_company_allows_it(two: Callable[..., Firm]) -> None:
    firm = two(negative_stock=True)
    bring(firm, "a", 1)

    firm.refused("ledger.not-in-stock", lambda: move(firm, "mm", 2))


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("ledger.no-target", {"target": ""}),
        ("ledger.same-warehouse", {"target": "SKLEP"}),
        ("ledger.unknown-warehouse", {"target": "NIGDZIE"}),
        ("ledger.unknown-source", {"sources": ("77",)}),
    ],
)
def test_bad_input(code: str, more: dict[str, Any], two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "a", 5)

    firm.refused(code, lambda: move(firm, "mm", 1, **more))
    assert firm.stock(warehouse="SKLEP") == (5, 0)


def test_a_line_of_an_order_that_is_no_source_is_refused(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "a", 5)
    order = firm.issue("RO", "ro", mugs(1))

    firm.refused("ledger.line-mismatch", lambda: move(firm, "mm", 1, order, sources=()))


def test_there_and_back_at_once_never_blocks_and_never_loses(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "a", 20)
    bring(firm, "b", 20, to="MAG")

    def carry(n: int) -> None:
        for turn in range(3):
            there = {"warehouse": "MAG", "target": "SKLEP"} if n % 2 else {}
            move(firm, f"mm{n}.{turn}", 1, **there)

    assert at_once(*(lambda n=n: carry(n) for n in range(6))) == [None] * 6  # type: ignore[misc]

    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((20, 0), (20, 0))
    assert value(firm, "MAG") + value(firm, "SKLEP") == 200


def test_the_last_pieces_are_moved_once(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "a", 5)

    outcomes = at_once(*(lambda n=n: move(firm, f"mm{n}", 5).kind for n in range(4)))  # type: ignore[misc]

    assert sorted(map(str, outcomes)) == ["MM", *["ledger.not-in-stock"] * 3]
    assert (firm.stock(warehouse="SKLEP"), firm.stock()) == ((0, 0), (5, 0))


def test_an_order_to_a_supplier_is_delivered_in_parts(two: Callable[..., Firm]) -> None:
    firm = two()
    order = firm.issue("RO", "ro", mugs(6))
    supplier = firm.issue("ZD", "zd", mugs(10, "5.00"), due_on=date(2026, 3, 20), basis="net")
    assert firm.stock() == (0, 6)

    def day(quantity: int) -> Any:
        (want,) = firm.ledger.wants(firm.code, [order.id], "MAG", [])
        assert want.missing == quantity
        return allocate([want]).due_on

    assert day(6) == date(2026, 3, 20)
    line = mugs(4, "5.00", source_line=supplier.lines[0].id)
    firm.convert("PZ", "pz", supplier, lines=(line,), basis="net")
    assert firm.again(supplier).lines[0].realised == 4
    assert day(2) == date(2026, 3, 20)
    firm.convert("PZ", "pz2", supplier)
    assert firm.stock() == (10, 6)
    assert day(0) is None


def test_what_older_orders_lack_is_not_there_for_younger_ones(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "a", 2, to="SKLEP")
    bring(firm, "b", 2, to="ZAPAS")
    older, younger = firm.issue("RO", "older", mugs(3)), firm.issue("RO", "younger", mugs(2))

    def there(order: Document) -> dict[str, Decimal]:
        return dict(firm.ledger.wants(firm.code, [order.id], "MAG", ["SKLEP", "ZAPAS"])[0].there)

    assert there(older) == {"SKLEP": 2, "ZAPAS": 2}
    assert there(younger) == {"ZAPAS": 1}


@settings(max_examples=15, deadline=None)
@given(
    orders=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    arrivals=st.lists(st.tuples(st.sampled_from(["MAG", "SKLEP", "ZAPAS"]), st.integers(1, 5)), max_size=8),
    turns=st.lists(st.integers(0, 4), max_size=20),
)
def test_oldest_first_and_never_oversold_over_random_arrivals(
    orders: list[int],
    arrivals: list[tuple[str, int]],
    turns: list[int],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whoever is asked first, goods go to the oldest order that still lacks them."""

    url = tables.lay(tmp_path_factory.mktemp("lives") / "ledger.db", "ledger")
    ledger = Ledger(Database(url, durable=False))
    firm = Firm(ledger, goods=False)
    for code in ("SKLEP", "ZAPAS"):
        ledger.setup.add_warehouse(firm.code, code)
    made = [firm.issue("RO", f"ro{n}", mugs(quantity)) for n, quantity in enumerate(orders)]
    gathered: list[int] = []

    def try_to_gather(n: int) -> None:
        # as the MM step does: what is brought may be due to an older order, so it is asked anew each time
        for turn in range(10):
            found = allocate(ledger.wants(firm.code, [made[n].id], "MAG", ["SKLEP", "ZAPAS"]))
            if found.lacks:
                return
            if not found.moves:
                break
            one = found.moves[0]
            key = f"mm{n}.{turn}.{len(ledger.documents(kind='MM'))}"
            move(firm, key, int(one.quantity), made[n], warehouse=one.place)
        firm.convert("WZ", f"wz{n}", made[n])
        gathered.append(n)

    waiting = list(turns)
    for n, (warehouse, quantity) in enumerate([*arrivals, ("MAG", 0)]):
        if quantity:
            bring(firm, f"in{n}", quantity, to=warehouse)
        come = sum(q for _, q in arrivals[: n + 1])
        wanted = [waiting.pop() for _ in range(min(3, len(waiting)))] if quantity else range(len(made))
        for index in wanted:
            if index < len(made) and index not in gathered:
                try_to_gather(index)
        for index in gathered:
            assert sum(orders[: index + 1]) <= come, "the older ones could have been served as well"
        assert all(level.quantity >= 0 for level in ledger.stock(firm.code, "KUBEK-1").values()), (
            "never below zero"
        )
    issued = sum(orders[index] for index in gathered)
    left = sum(level.quantity for level in ledger.stock(firm.code, "KUBEK-1").values())
    assert issued + left == sum(q for _, q in arrivals), "no piece comes or goes"
    served = 0
    for n, quantity in enumerate(orders):
        if served + quantity > sum(q for _, q in arrivals):
            break
        served += quantity
        assert n in gathered, "what can be served is served in the end: nobody starves"
    ledger.close()


def test_without_the_guard_a_younger_order_would_take_what_an_older_one_lacks(
    two: Callable[..., Firm], monkeypatch: pytest.MonkeyPatch
) -> None:
    firm = two()
    bring(firm, "a", 2)
    firm.issue("RO", "older", mugs(3))
    younger = firm.issue("RO", "younger", mugs(2))

    def lacks() -> Decimal:
        found = allocate(firm.ledger.wants(firm.code, [younger.id], "MAG", ["SKLEP"]))
        return sum((one.quantity for one in found.lacks), D(0))

    assert lacks() == 2
    seen = gathering._picture

    def without_queues(*arguments: Any) -> Any:
        picture = seen(*arguments)
        picture.queues.clear()
        return picture

    monkeypatch.setattr(gathering, "_picture", without_queues)
    assert lacks() == 0


# --- what was brought for an order is kept for it ---------------------------------------------------------------------


def here(firm: Firm, *orders: Document) -> list[Decimal]:
    """What of each order's mugs lies in MAG for it."""
    return [firm.ledger.wants(firm.code, [one.id], "MAG", ())[0].here for one in orders]


def test_an_older_order_does_not_take_what_was_brought_for_a_younger_one(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "shop", 3)
    bring(firm, "spare", 3, to="ZAPAS")
    older, younger = (firm.issue("RO", key, mugs(3), warehouse="MAG") for key in ("older", "younger"))

    move(firm, "mm", 3, younger, warehouse="ZAPAS")

    # the younger one lacks nothing more; the older one moves its own
    assert here(firm, older, younger) == [0, 3]
    assert allocate(firm.ledger.wants(firm.code, [younger.id], "MAG", ())).moves == ()
    (moved,) = allocate(firm.ledger.wants(firm.code, [older.id], "MAG", ())).moves
    assert (moved.place, moved.quantity) == ("SKLEP", 3)
    firm.refused("ledger.not-in-stock", lambda: firm.convert("WZ", "wz-older", older))
    firm.convert("WZ", "wz-younger", younger)
    assert here(firm, older) == [0]


def test_what_is_there_already_counts_and_goes_by_age(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "first", 4, to="MAG")
    bring(firm, "shop", 5)
    older, younger = (firm.issue("RO", key, mugs(3), warehouse="MAG") for key in ("older", "younger"))
    assert here(firm, older, younger) == [3, 1]

    (moved,) = allocate(firm.ledger.wants(firm.code, [younger.id], "MAG", ())).moves
    assert moved.quantity == 2
    move(firm, "mm", 2, younger)

    assert here(firm, older, younger) == [3, 3]


def test_an_mm_that_is_undone_keeps_nothing_for_anybody(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "shop", 3)
    older, younger = (firm.issue("RO", key, mugs(3), warehouse="MAG") for key in ("older", "younger"))
    move(firm, "mm", 3, younger)
    assert here(firm, older, younger) == [0, 3]

    firm.ledger.cancel(firm.code, "mm")
    bring(firm, "more", 3, to="MAG")

    assert here(firm, older, younger) == [3, 0]
    firm.convert("WZ", "wz", older)


def test_in_bufor_nothing_has_arrived_that_could_be_kept(two: Callable[..., Firm]) -> None:
    firm = two()
    bring(firm, "shop", 3)
    order = firm.issue("RO", "ro", mugs(3), warehouse="MAG")
    move(firm, "mm", 3, order, approve=False)
    assert here(firm, order) == [0]

    firm.ledger.approve(firm.code, "mm")

    assert here(firm, order) == [3]
    with firm.ledger.snapshot() as connection:
        kept = connection.execute(select(schema.made_for.c.quantity)).scalars().all()
    assert kept == [3]


@settings(max_examples=40, deadline=None)
@given(
    places=st.lists(st.tuples(st.sampled_from(("MAG", "SKLEP", "ZAPAS")), st.integers(1, 5)), max_size=5),
    wanted=st.lists(st.integers(1, 4), min_size=1, max_size=4),
    turns=st.lists(st.integers(0, 3), max_size=10),
)
def test_whoever_moves_first_no_order_moves_more_than_it_lacks(
    places: list[tuple[str, int]], wanted: list[int], turns: list[int]
) -> None:
    """Goods come, orders move what they lack in any order, as often as they look; in the end what was moved for each is no more
    than it wants, and whoever has all of it can be sent."""
    with tempfile.TemporaryDirectory() as folder:
        firm = Firm(open_ledger(tables.lay(Path(folder) / "ledger.db", "ledger")), goods=False)
        whoever_moves_first(firm, places, wanted, turns)
        firm.ledger.close()


def whoever_moves_first(
    firm: Firm, places: list[tuple[str, int]], wanted: list[int], turns: list[int]
) -> None:
    for code in ("SKLEP", "ZAPAS"):
        firm.ledger.setup.add_warehouse(firm.code, code)
    for number, (place, quantity) in enumerate(places):
        bring(firm, f"in-{number}", quantity, to=place)
    orders = [
        firm.issue("RO", f"ro-{n}", mugs(quantity), warehouse="MAG") for n, quantity in enumerate(wanted)
    ]
    moved = [D(0)] * len(orders)
    for turn, number in enumerate([*turns, *range(len(orders))]):
        order = orders[number % len(orders)]
        found = allocate(firm.ledger.wants(firm.code, [order.id], "MAG", ()))
        for one in () if found.lacks else found.moves:
            move(firm, f"mm-{turn}-{one.place}", int(one.quantity), order, warehouse=one.place)
            moved[number % len(orders)] += one.quantity
    for number, order in enumerate(orders):
        want = firm.ledger.wants(firm.code, [order.id], "MAG", ())[0]
        assert moved[number] <= want.quantity
        if want.missing == 0:
            firm.convert("WZ", f"wz-{number}", order)

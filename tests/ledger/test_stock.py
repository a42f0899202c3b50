"""Lots, their cost, reservations, and what is not sold because it is not there."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from pomost.ledger import schema
from pomost.ports import Waiting
from tests.ledger.firm import DAY, Firm, mugs, refused

D = Decimal


def movements(engine: Engine) -> list[tuple[Decimal, Decimal]]:
    """(quantity, value) of what was issued, in order."""
    table = schema.movement
    with engine.connect() as connection:
        rows = connection.execute(
            select(table).where(table.c.active).order_by(table.c.line_id, table.c.lot_id)
        )
        return [(row.quantity, row.value) for row in rows]


COST = {
    "FIFO": ([(10, "55.00"), (2, "12.00")], "18.00"),
    "LIFO": ([(7, "38.50"), (5, "30.00")], "16.50"),
    "AVCO": ([(10, "56.67"), (2, "11.33")], "17.00"),
}


@pytest.mark.parametrize(("method", "expected"), COST.items(), ids=COST.keys())
def test_issued_goods_cost_what_the_company_counts(
    make_firm: Callable[..., Firm], engine: Engine, method: str, expected: tuple[list[tuple[int, str]], str]
) -> None:
    firm = make_firm(method=method)
    firm.receive("second", 5, "6.00")

    firm.issue("WZ", "wz", mugs(12))

    issued, left = expected
    assert sorted(movements(engine)) == sorted((D(quantity), D(value)) for quantity, value in issued)
    assert firm.stock() == (3, 0)
    assert firm.value() == D(left)


def test_the_last_piece_takes_all_the_value_that_is_left(make_firm: Callable[..., Firm]) -> None:
    firm = make_firm(goods=False, method="AVCO")
    firm.ledger.setup.receive("KUBKI", "MAG", {"KUBEK-1": (3, "3.3333")}, "start", on=DAY)

    left = []
    for n in range(3):
        firm.issue("WZ", f"wz{n}", mugs(1))
        left.append(firm.value())

    assert left == [D("6.67"), D("3.33"), D("0.00")]


def test_what_is_not_in_stock_is_waited_for(firm: Firm) -> None:
    failure = firm.refused(
        "ledger.not-in-stock", lambda: firm.issue("WZ", "wz", mugs(11), mugs(1, sku="KUBEK-2"))
    )

    assert isinstance(failure, Waiting)
    assert failure.needs == ("stock:KUBEK-1@MAG*11",)
    assert failure.text == "WZ for wz: warehouse MAG of KUBKI is short of KUBEK-1 (asked 11, available 10)."
    assert firm.stock() == (10, 0)
    assert firm.stock("KUBEK-2") == (10, 0)


def test_two_lines_of_one_item_share_its_stock(firm: Firm) -> None:
    firm.refused("ledger.not-in-stock", lambda: firm.issue("WZ", "wz", mugs(6), mugs(6)))
    firm.issue("WZ", "wz", mugs(6), mugs(4))

    assert firm.stock() == (0, 0)


def test_what_others_reserved_is_not_sold(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(8))

    failure = firm.refused("ledger.not-in-stock", lambda: firm.issue("FS", "fs", mugs(3), moves_stock=True))
    assert "available 2" in failure.text
    firm.issue("FS", "fs2", mugs(2), moves_stock=True)
    firm.convert("WZ", "wz", order)

    assert firm.stock() == (0, 0)


def test_who_reserved_first_gets_the_goods(firm: Firm) -> None:
    first = firm.issue("RO", "first", mugs(7))
    second = firm.issue("RO", "second", mugs(7))
    assert firm.stock() == (10, 14)

    failure = firm.refused("ledger.not-in-stock", lambda: firm.convert("WZ", "wz2", second))
    assert "available 3" in failure.text
    firm.convert("WZ", "wz1", first)
    firm.receive("more", 4, "6.00")
    firm.convert("WZ", "wz2", second)

    assert firm.stock() == (0, 0)


def test_a_company_may_forbid_reservations_beyond_stock(make_firm: Callable[..., Firm]) -> None:
    firm = make_firm(reserve_beyond_stock=False)
    firm.issue("RO", "1", mugs(7))

    firm.refused("ledger.not-in-stock", lambda: firm.issue("RO", "2", mugs(4)))

    assert firm.stock() == (10, 7)


def test_a_reservation_in_bufor_holds_nothing(firm: Firm) -> None:
    firm.issue("RO", "ro", mugs(8), approve=False)
    assert firm.stock() == (10, 0)

    firm.ledger.approve("KUBKI", "ro")

    assert firm.stock() == (10, 8)


def test_a_company_may_sell_what_has_not_come_yet(make_firm: Callable[..., Firm], engine: Engine) -> None:
    firm = make_firm(negative_stock=True)

    firm.issue("WZ", "wz", mugs(14))
    below = firm.stock(), firm.value()
    firm.receive("later", 6, "6.00")

    assert below == ((-4, 0), D("-22.00"))
    assert firm.stock() == (2, 0)
    with engine.connect() as connection:
        left = connection.execute(select(schema.lot.c.left).where(schema.lot.c.left != 0)).scalars().all()
    assert sorted(left) == [2, 10]
    assert movements(engine) == [(10, D("55.00")), (4, D("22.00"))]


def test_a_receipt_of_foreign_goods_costs_what_the_rate_makes_of_it(firm: Firm) -> None:
    firm.issue("PZ", "pz", mugs(2, "10.00", sku="KUBEK-2"), basis="net", currency="EUR", rate=D("4.25"))

    assert firm.value("KUBEK-2") == D("155.00")


def test_a_purchase_invoice_made_from_its_receipt_brings_nothing_in_again(firm: Firm) -> None:
    receipt = firm.issue("PZ", "pz", mugs(5, basis_price := "4.00"), basis="net")

    invoice = firm.convert("FZ", "fz", receipt)

    assert invoice.lines[0].price == D(basis_price)
    assert firm.stock() == (15, 0)


def test_many_small_lots_are_taken_one_after_another(make_firm: Callable[..., Firm], engine: Engine) -> None:
    firm = make_firm(goods=False)
    firm.issue("PW", "start", *(mugs(1, "2.00") for _ in range(250)), basis="net")

    firm.issue("WZ", "wz", mugs(240))

    assert firm.stock() == (10, 0)
    assert len(movements(engine)) == 240


def test_many_lots_of_many_items_are_taken_in_order(make_firm: Callable[..., Firm], engine: Engine) -> None:
    firm = make_firm(goods=False, method="LIFO")
    both = [mugs(1, f"{n}.00", sku) for n in range(1, 301) for sku in ("KUBEK-1", "KUBEK-2")]
    firm.issue("PW", "start", *both, basis="net")

    firm.issue("WZ", "wz", mugs(2), mugs(250, sku="KUBEK-2"))

    assert (firm.stock("KUBEK-1"), firm.stock("KUBEK-2")) == ((298, 0), (50, 0))
    assert firm.value("KUBEK-2") == D(sum(range(1, 51)))
    assert len(movements(engine)) == 252


NEEDS = (
    "item:KUBEK-1",
    "item:TALERZ",
    "stock:KUBEK-1@MAG",
    "stock:KUBEK-2@MAG",
    "stock:KUBEK-1@OTHER",
    "x:y",
)


def test_present_tells_which_needs_are_satisfied(make_firm: Callable[..., Firm]) -> None:
    firm = make_firm(goods=False)
    firm.receive("one", 1, "6.00")

    assert firm.ledger.present("KUBKI", NEEDS) == {"item:KUBEK-1", "stock:KUBEK-1@MAG"}


def test_goods_that_others_reserved_are_present_for_nobody_else(firm: Firm) -> None:
    firm.issue("RO", "ro", mugs(10))
    needs = firm.refused("ledger.not-in-stock", lambda: firm.issue("WZ", "wz", mugs(1))).needs  # type: ignore[attr-defined]

    assert firm.ledger.present("KUBKI", needs) == frozenset()
    firm.receive("one", 1, "6.00")
    assert firm.ledger.present("KUBKI", needs) == set(needs)


def test_goods_are_present_for_who_reserved_them_first(firm: Firm) -> None:
    first, second = firm.issue("RO", "first", mugs(11)), firm.issue("RO", "second", mugs(1))
    waits = [
        refused("ledger.not-in-stock", lambda order=order: firm.convert("WZ", "wz", order)).needs  # type: ignore[attr-defined, misc]
        for order in (first, second)
    ]

    firm.receive("one", 1, "6.00")

    assert [firm.ledger.present("KUBKI", needs) for needs in waits] == [set(waits[0]), frozenset()]


def test_less_than_is_needed_is_present_only_where_a_part_will_do(firm: Firm) -> None:
    order = firm.issue("RO", "ro", mugs(12))
    whole = firm.refused("ledger.not-in-stock", lambda: firm.convert("WZ", "wz", order)).needs  # type: ignore[attr-defined]
    line = order.lines[0].id

    assert firm.ledger.present("KUBKI", [*whole, f"stock:KUBEK-1@MAG#{line}"]) == {
        f"stock:KUBEK-1@MAG#{line}"
    }


def test_a_compound_is_present_when_its_parts_are(firm: Firm) -> None:
    firm.ledger.setup.put_item("KUBKI", "ZESTAW", "Zestaw", "23", parts={"KUBEK-1": 3})

    needs = ["stock:ZESTAW@MAG*3", "stock:ZESTAW@MAG*4"]
    assert firm.ledger.present("KUBKI", needs) == {"stock:ZESTAW@MAG*3"}

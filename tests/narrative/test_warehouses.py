"""A10: orders whose goods lie in several warehouses, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pomost.config.flow import Flow
from pomost.flows.dry_run import dry_run
from pomost.flows.faults import check_flow
from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.baselinker.catalogue import as_dicts
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.vat import VatRate
from pomost.words import one_text
from tests.house import TODAY, House

FLOW = {"preset": "gather-ro-fs-wz", "warehouse": "MAG"}
WAREHOUSES = [{"company": "main", "code": code} for code in ("MAG", "SKLEP", "ZAPAS")]
MUGS = [{"sku": "KUBEK-1", "quantity": 5}]


def bring(
    home: House, warehouse: str, quantity: int, sku: str = "KUBEK-1", cost: str = "5.00", on: date = TODAY
) -> None:
    key = f"in-{warehouse}-{sku}-{len(home.ledger.documents(kind='PW'))}"
    goods = {sku: (Decimal(quantity), Decimal(cost))}
    home.ledger.issue(receive_draft("main", warehouse, key, on, goods))


def open_house(house: Callable[..., House], **more: Any) -> House:
    home = house(stocked=False, **{"flow": FLOW, "warehouses": WAREHOUSES, **more})
    home.ledger.setup.add_items("main", as_dicts())
    return home


def stock(home: House, sku: str = "KUBEK-1") -> dict[str, tuple[Decimal, Decimal]]:
    return {
        code: (level.quantity, level.reserved)
        for code, level in home.ledger.stock("main", sku).items()
        if level.quantity or level.reserved
    }


def moves(home: House, order: int) -> list[tuple[str, str, str, Decimal]]:
    return [
        (one.number, one.warehouse, one.target, one.lines[0].quantity)
        for one in home.documents(order)
        if one.kind == "MM"
    ]


def field(shop: Sandbox, order: int, number: str) -> Any:
    return shop.order(order)["custom_extra_fields"].get(number)


def placed(shop: Sandbox, lines: list[dict[str, Any]] = MUGS, **more: Any) -> int:
    return shop.place(lines=lines, **{"paid": True, "nip": "1234563218", "delivery_price": "0", **more})[0]


def test_a10_what_lies_in_another_warehouse_is_moved_before_it_is_issued(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = open_house(house)
    bring(home, "MAG", 2)
    bring(home, "SKLEP", 10)

    # Five mugs are ordered. Two are in the warehouse that sends, the others in the shop.
    order = placed(shop)
    home.run_until(lambda: field(shop, order, "51013") is not None)

    # One MM brings the three that are missing; they stay reserved for this order.
    assert moves(home, order) == [("MM/1/2026", "SKLEP", "MAG", 3)]
    assert stock(home) == {"MAG": (5, 5), "SKLEP": (7, 0)}
    assert shop.order(order)["status"] == "W realizacji"
    assert field(shop, order, "51013") == "MM/1/2026"

    # Packed, it is invoiced and issued as a whole.
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    assert home.kinds(order) == ["RO", "MM", "FS", "WZ"]
    assert stock(home) == {"SKLEP": (7, 0)}
    assert shop.order(order)["status"] == "Wysłane"


def test_a10_one_warehouse_gives_all_where_one_has_all(shop: Sandbox, house: Callable[..., House]) -> None:
    home = open_house(house)
    bring(home, "SKLEP", 3)
    bring(home, "ZAPAS", 5)

    order = placed(shop)
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji" and bool(moves(home, order)))

    assert moves(home, order) == [("MM/1/2026", "ZAPAS", "MAG", 5)]


def test_a10_else_each_gives_in_the_order_of_preference(shop: Sandbox, house: Callable[..., House]) -> None:
    step = {"id": "mm", "issue": "MM", "source": ["ro"], "gather_from": ["ZAPAS", "SKLEP"]}
    home = open_house(house, flow={**FLOW, "step": [step]})
    bring(home, "SKLEP", 3)
    bring(home, "ZAPAS", 4)

    order = placed(shop)
    home.run_until(lambda: field(shop, order, "51013") is not None)

    assert moves(home, order) == [("MM/1/2026", "ZAPAS", "MAG", 4), ("MM/2/2026", "SKLEP", "MAG", 1)]
    assert field(shop, order, "51013") == "MM/1/2026, MM/2/2026"
    assert stock(home) == {"MAG": (5, 5), "SKLEP": (2, 0)}


def test_a10_an_order_that_lies_in_one_place_needs_no_mm(shop: Sandbox, house: Callable[..., House]) -> None:
    home = open_house(house)
    bring(home, "MAG", 5)
    bring(home, "SKLEP", 5)

    order = placed(shop)
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    assert home.kinds(order) == ["RO", "FS", "WZ"]


def test_a10_what_can_not_be_gathered_waits_and_nothing_is_moved_for_it(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = open_house(house)
    bring(home, "MAG", 1)
    bring(home, "SKLEP", 2)

    # Five are ordered, three are there in all.
    order = placed(shop)
    home.run_until(lambda: shop.order(order)["status"] == "Braki")
    assert field(shop, order, "51015") == "KUBEK-1: 2"
    assert moves(home, order) == []

    # A younger order does not take what the older one waits for.
    younger = placed(shop, [{"sku": "KUBEK-1", "quantity": 1}])
    home.run_until(lambda: shop.order(younger)["status"] == "Braki")

    # Two more come to yet another warehouse: now all of it is gathered.
    bring(home, "ZAPAS", 2)
    home.run_until(lambda: field(shop, order, "51013") is not None)
    assert [one[1:] for one in moves(home, order)] == [("SKLEP", "MAG", 2), ("ZAPAS", "MAG", 2)]
    assert shop.order(order)["status"] == "W realizacji"
    assert shop.order(younger)["status"] == "Braki"


def test_a10_by_rule_what_is_there_is_moved_at_once(shop: Sandbox, house: Callable[..., House]) -> None:
    steps = [
        {"id": "ro", "issue": "RO"},
        {"id": "mm", "issue": "MM", "source": ["ro"], "partial": "available"},
        {"id": "wz", "issue": "WZ", "source": ["ro"]},
    ]
    home = open_house(house, flow={"warehouse": "MAG", "preset": "", "step": steps})
    bring(home, "SKLEP", 2)

    order = placed(shop)
    home.run_until(lambda: home.waits(order).get("code") == "flow.short")
    assert stock(home) == {"MAG": (2, 5)}

    bring(home, "ZAPAS", 3)
    home.run_until_state(order, "done")
    assert home.kinds(order) == ["RO", "MM", "MM", "WZ"]
    assert stock(home) == {}


def test_a10_goods_that_are_reserved_for_others_stay(shop: Sandbox, house: Callable[..., House]) -> None:
    home = open_house(house)
    bring(home, "SKLEP", 6)
    reserved = Draft(
        "RO",
        "main",
        "counter",
        TODAY,
        warehouse="SKLEP",
        lines=(DraftLine("KUBEK-1", "Kubek", Decimal(2), Decimal(26), VatRate.of("23")),),
    )
    home.ledger.issue(reserved)

    order = placed(shop)
    home.run_until(lambda: shop.order(order)["status"] == "Braki")

    assert field(shop, order, "51015") == "KUBEK-1: 1"
    assert stock(home) == {"MAG": (0, 5), "SKLEP": (6, 2)}


def test_a10_cancelled_the_goods_go_back_where_they_came_from(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = open_house(house)
    bring(home, "SKLEP", 3, cost="4.00")
    bring(home, "ZAPAS", 2, cost="7.00")
    order = placed(shop)
    home.run_until(lambda: field(shop, order, "51013") is not None)

    shop.cancel(order)
    home.run_until(lambda: home.waits(order).get("code") == "flow.undone")

    assert [(one.kind, one.state) for one in home.documents(order)] == [
        ("RO", "cancelled"),
        ("MM", "cancelled"),
        ("MM", "cancelled"),
    ]
    assert stock(home) == {"SKLEP": (3, 0), "ZAPAS": (2, 0)}
    values = {code: level.value for code, level in home.ledger.stock("main", "KUBEK-1").items()}
    assert values == {"MAG": 0, "SKLEP": 12, "ZAPAS": 14}
    assert "MM/2/2026 cancelled (goods back in stock)" in home.waits(order)["text"]


def over_the_counter(home: House, quantity: int) -> None:
    lines = (DraftLine("KUBEK-1", "Kubek", Decimal(quantity), Decimal(26), VatRate.of("23")),)
    home.ledger.issue(Draft("WZ", "main", "counter", TODAY, warehouse="MAG", lines=lines))


@pytest.mark.parametrize("when", ["before it is cancelled", "while it is undone"])
def test_a10_moved_goods_that_others_have_taken_keep_nothing_from_being_undone(
    when: str, shop: Sandbox, house: Callable[..., House]
) -> None:
    """The oldest pieces go first, whoever they were brought for: the MM can't be taken back, and need not be."""
    sold: list[str] = []

    def sell(at: str) -> None:
        if at == "cancel:intended" and when == "while it is undone" and not sold:
            sold.append(at)
            over_the_counter(home, 2)

    home = open_house(house, at=sell)
    bring(home, "SKLEP", 3, on=TODAY - timedelta(days=9))
    bring(home, "MAG", 2)
    order = placed(shop)
    home.run_until(lambda: field(shop, order, "51013") is not None)
    bring(home, "MAG", 2)
    if when == "before it is cancelled":
        over_the_counter(home, 2)
    assert stock(home)["MAG"][1] == 5

    shop.cancel(order)
    home.run_until(lambda: home.waits(order).get("code") == "flow.undone")

    assert bool(sold) is (when == "while it is undone")
    assert [(one.kind, one.state) for one in home.documents(order)] == [
        ("RO", "cancelled"),
        ("MM", "approved"),
    ]
    assert stock(home) == {"MAG": (5, 0)}
    told = home.waits(order)["text"]
    assert "MM/1/2026 stands, as goods that it moved were issued since; RO/1/2026 cancelled" in told
    assert "MM/1/2026 zostaje, bo towar, który przesunął, już wydano" in one_text("pl", told, "flow.undone")


def test_a10_cancelled_after_the_goods_left_all_of_it_is_undone(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    """Without a PDF nobody has the invoice yet: WZ, FS, MM and RO are taken back, in this order."""
    no_pdf = {"id": "sale-back", "after": ["mm-back", "sale", "wz"], "write": {"status": "Wysłane"}}
    home = open_house(house, flow={**FLOW, "step": [no_pdf]})
    bring(home, "SKLEP", 5)
    order = placed(shop)
    home.run_until(lambda: field(shop, order, "51013") is not None)
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    shop.cancel(order)
    home.run_until(lambda: home.waits(order).get("code") == "flow.undone")

    assert {one.state for one in home.documents(order)} == {"cancelled"}
    assert stock(home) == {"SKLEP": (5, 0)}


def test_a10_a_kit_is_gathered_by_its_parts(shop: Sandbox, house: Callable[..., House]) -> None:
    home = open_house(house)
    home.ledger.setup.put_item(
        "main", "ZESTAW", "Zestaw", "23", parts={"KUBEK-1": Decimal(2), "TALERZ-27": Decimal(1)}
    )
    home.pomost.flows["sklep"].rules.aliases["KUBEK-01"] = "ZESTAW"
    bring(home, "MAG", 4)
    bring(home, "SKLEP", 2, "TALERZ-27")

    order = placed(shop, [{"sku": "KUBEK-01", "quantity": 2}])
    home.run_until(lambda: field(shop, order, "51013") is not None)

    (mm,) = (one for one in home.documents(order) if one.kind == "MM")
    assert [(line.sku, line.quantity) for line in mm.lines] == [("TALERZ-27", 2)]
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    assert (stock(home), stock(home, "TALERZ-27")) == ({}, {})


def test_a10_the_dry_run_says_what_would_be_moved(shop: Sandbox, house: Callable[..., House]) -> None:
    home = open_house(house)
    bring(home, "SKLEP", 2)
    order = placed(shop)
    home.run_until(lambda: shop.order(order)["status"] == "Braki" and home.state(order) == "waiting")
    home.pomost.stop()
    bring(home, "SKLEP", 3)

    case, steps = next(iter(home.pomost.lookers[0].preview(1)))
    result = dry_run(home.pomost.flows["sklep"], case, steps, home.ledger)

    assert [(line.step, line.act) for line in result.lines][:2] == [
        ("stock#2", 'the goods are there; status "W realizacji"'),
        ("mm", "MM to MAG: 5 KUBEK-1 from SKLEP"),
    ]
    assert moves(home, order) == []


def test_a10_a_step_that_gathers_for_no_order_document_is_refused() -> None:
    steps = [{"id": "mm", "issue": "MM"}, {"id": "wz", "issue": "WZ"}]
    flow = Flow.model_validate({"name": "x", "source": "baselinker", "company": "main", "step": steps})

    (fault,) = check_flow(flow)

    assert fault.code == "flow.faulty"
    assert "goods are gathered for no order document" in fault.text


def test_a10_goods_that_somebody_took_at_the_last_moment_come_from_elsewhere(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    homes: list[House] = []

    def take_them(point: str) -> None:
        if point == "mm:intended" and not homes[0].ledger.documents(kind="RW"):
            line = DraftLine("KUBEK-1", "Kubek", Decimal(5), Decimal(0), VatRate.of("23"))
            homes[0].ledger.issue(Draft("RW", "main", "taken", TODAY, warehouse="SKLEP", lines=(line,)))

    homes.append(open_house(house, at=take_them))
    bring(homes[0], "SKLEP", 5)
    bring(homes[0], "ZAPAS", 5)

    order = placed(shop)
    homes[0].run_until(lambda: field(shop, order, "51013") is not None)

    assert moves(homes[0], order) == [("MM/1/2026", "ZAPAS", "MAG", 5)]


def test_a10_what_was_brought_for_an_order_is_kept_for_it_and_none_moves_more_than_it_lacks(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    """An older order comes to its MM later than a younger one: its plate is in the shop only when the younger one has moved."""
    home = open_house(house)
    bring(home, "SKLEP", 5)
    bring(home, "ZAPAS", 5)

    # Five mugs and a plate are ordered. There is no plate yet, so nothing is moved.
    plate = {"sku": "TALERZ-27", "quantity": 1}
    older = placed(shop, [*MUGS, plate])
    home.run_until(lambda: shop.order(older)["status"] == "Braki")

    # A younger order for five mugs goes first. The shop's mugs are left for the older one.
    younger = placed(shop)
    home.run_until(lambda: field(shop, younger, "51013") is not None)
    assert moves(home, younger) == [("MM/1/2026", "ZAPAS", "MAG", 5)]
    assert stock(home) == {"MAG": (5, 10), "SKLEP": (5, 0)}

    # A plate comes. The older order moves what it lacks, and does not take what was brought for the younger one.
    bring(home, "SKLEP", 1, "TALERZ-27")
    home.run_until(lambda: field(shop, older, "51013") is not None)
    assert [one[1:3] for one in moves(home, older)] == [("SKLEP", "MAG")]
    assert moves(home, younger) == [("MM/1/2026", "ZAPAS", "MAG", 5)]
    assert stock(home) == {"MAG": (10, 10)}

    # Whoever is packed first, both are sent.
    for order in (older, younger):
        shop.move(order, "Spakowane")
        home.run_until_state(order, "done")
    assert stock(home) == {}

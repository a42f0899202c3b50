"""A18: rates that the channel imposes, and the same purchase that arrives twice."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.flows.dry_run import dry_run
from pomost.sandbox.baselinker import Sandbox
from tests.house import House

MUGS = [{"sku": "KUBEK-1", "quantity": 2}]
ASK: dict[str, Any] = {"duplicates": {"then": "ask"}}
AT_ONCE = {"preset": "ro-fs-wz-at-once"}


def decide(home: House, order: int, step: str) -> None:
    line = home.line(order)
    home.pomost.store.steps.decide(line.id, step, "skipped", "Jan", 0.0)
    home.pomost.wake([line.id])


def test_pain_the_same_purchase_under_two_ids_gets_one_set_of_documents(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    """A marketplace order and the copy that somebody made of it by hand."""
    home = house(flow=AT_ONCE, rules=ASK)
    order = shop.place(lines=MUGS, paid=True)[0]
    home.run_until_state(order, "done")
    shop.move(order, "Nowe zamówienia")
    copy = shop.copy(order)

    home.run_until_state(copy, "person")

    # The copy waits, and whoever looks reads which order it repeats and what was made for that one.
    waits = home.waits(copy)
    assert (waits["code"], waits["step"]) == ("flow.duplicate", "duplicate")
    assert f"the same purchase as order {order}" in waits["text"]
    assert "RO/1/2026, FS/1/2026" in waits["text"] or "RO/1/2026, PA/1/2026" in waits["text"]
    assert home.documents(copy) == []

    # The buyer really wanted it twice.
    decide(home, copy, "duplicate")
    home.run_until_state(copy, "done")
    assert len(home.documents(copy)) == 3


def test_pain_a_copy_whose_original_was_cancelled_is_no_duplicate(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={"preset": "ro-fs-wz-cancel"}, rules=ASK)
    order = shop.place(lines=MUGS, paid=True)[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.cancel(order)
    home.run_until_state(order, "done")
    copy = shop.copy(order)
    shop.move(copy, "Nowe zamówienia")

    home.run_until(lambda: home.kinds(copy) == ["RO"])


def test_pain_parts_of_a_split_order_are_no_duplicates(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=AT_ONCE, rules=ASK)
    order = shop.place(lines=[{"sku": "KUBEK-1", "quantity": 2}], paid=True, delivery_price="0")[0]
    line = shop.order(order)["products"][0]["order_product_id"]
    part = shop.split(order, {line: 1})

    home.run_until(lambda: home.state(order) == home.state(part) == "done")

    # Both halves look alike: one mug each, of the same buyer, on the same day. BaseLinker says they were one order.
    assert [len(home.documents(one)) for one in (order, part)] == [3, 3]


def test_pain_an_order_merged_from_two_is_no_duplicate_of_either(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=AT_ONCE, rules={"duplicates": {"then": "ask", "by": ["external"]}})
    main, other = shop.place(lines=MUGS, paid=True, orders=2)
    for one in (main, other):
        raw = shop.shop.account.order(one)
        raw["external_order_id"] = "9b1deb4d-3b7d"
        shop.shop.account.save_order(raw)
    merged = shop.merge(main, [other], mode="technical_merge")

    home.run_until(lambda: home.state(merged) in ("done", "person"))

    assert home.state(merged) == "done"


@pytest.mark.parametrize(
    ("change", "state"),
    [
        pytest.param({}, "person", id="the-same-again"),
        pytest.param({"email": "ANNA.przykladowa@example.com "}, "person", id="address-in-capitals"),
        pytest.param({"lines": [{"sku": "KUBEK-1", "quantity": 3}]}, "done", id="another-quantity"),
        pytest.param({"email": "jan@example.com", "phone": "+48500000199"}, "done", id="another-buyer"),
        pytest.param({"email": "jan@example.com"}, "person", id="the-same-phone"),
        pytest.param({"at": -73 * 3600}, "done", id="more-than-three-days-apart"),
        pytest.param({"delivery_price": "1.00"}, "done", id="another-total"),
    ],
)
def test_what_counts_as_the_same_purchase(
    change: dict[str, Any], state: str, shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=AT_ONCE, rules=ASK)
    phone = change.pop("phone", "")
    if "at" in change:
        change["at"] += int(shop.shop.account.now())
    first = shop.place(lines=MUGS, paid=True, delivery_price="14.99")[0]
    home.run_until_state(first, "done")

    second = shop.place(
        **{"lines": MUGS, "paid": True, "delivery_price": "14.99", "status": "Do wyjaśnienia"} | change
    )[0]
    if phone:
        shop.edit(second, phone=phone)
    shop.move(second, "Nowe zamówienia")

    home.run_until_state(second, state)


def test_the_dry_run_names_the_other_order(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=AT_ONCE, rules=ASK)
    order = shop.place(lines=MUGS, paid=True)[0]
    home.run_until_state(order, "done")
    home.pomost.stop()
    copy = shop.copy(order)
    shop.move(copy, "Nowe zamówienia")

    cases = {case.external_id: (case, steps) for case, steps in home.pomost.lookers[0].preview(5)}
    case, steps = cases[str(copy)]
    result = dry_run(home.pomost.flows["sklep"], case, steps, home.ledger, home.pomost.store)

    assert [(wait.step, wait.code) for wait in result.waits] == [("duplicate", "flow.duplicate")]


EIGHT = [{"sku": "KUBEK-1", "quantity": 1, "price_brutto": "10.80", "tax_rate": "8"}]


@pytest.mark.parametrize(
    ("rules", "net", "said"),
    [
        ({}, "10.00", "line 1 KUBEK-1: 8 on the order, 23 on the card, 8 taken"),
        ({"vat_differs": "order"}, "10.00", "line 1 KUBEK-1: 8 on the order, 23 on the card, 8 taken"),
        ({"vat_differs": "item"}, "8.78", "line 1 KUBEK-1: 8 on the order, 23 on the card, 23 taken"),
        ({"vat_from": "item"}, "8.78", "line 1 KUBEK-1: 8 on the order, 23 on the card, 23 taken"),
    ],
    ids=["unsaid", "order", "item", "vat-from-item"],
)
def test_a18_a_rate_that_differs_from_the_card_is_taken_by_rule_and_shown(
    rules: dict[str, str], net: str, said: str, shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=AT_ONCE, rules=rules)
    order = shop.place(lines=EIGHT, delivery_price="0", paid=True)[0]

    home.run_until_state(order, "done")

    steps = home.pomost.store.steps.of_case(home.line(order).id)
    assert steps["ro"].result["vat"] == said
    assert {document.net for document in home.documents(order)} == {Decimal(net)}
    assert {document.gross for document in home.documents(order)} == {Decimal("10.80")}


def test_a18_by_rule_a_rate_that_differs_waits_for_a_person(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=AT_ONCE, rules={"vat_differs": "ask"})
    order = shop.place(lines=EIGHT, delivery_price="0", paid=True)[0]
    home.run_until_state(order, "person")

    waits = home.waits(order)
    assert (waits["code"], waits["step"]) == ("flow.vat-differs", "vat")
    assert "line 1 KUBEK-1 has 8 on the order and 23 on the card" in waits["text"]
    assert home.documents(order) == []

    decide(home, order, "vat")
    home.run_until_state(order, "done")
    assert {row.vat.code for document in home.documents(order) for row in document.vat_rows} == {"8"}


def test_a18_the_dry_run_shows_both_rates(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=AT_ONCE)
    shop.place(lines=EIGHT, delivery_price="0", paid=True)

    case, steps = next(iter(home.pomost.lookers[0].preview(1)))
    result = dry_run(home.pomost.flows["sklep"], case, steps, home.ledger)

    assert result.lines[0].act == (
        "RO over 10.80 PLN (VAT differs: line 1 KUBEK-1: 8 on the order, 23 on the card, 8 taken)"
    )

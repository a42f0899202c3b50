"""PWP and RWS in the ledger: costs, lots, cancelling, recipes on cards; on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from pomost.ports import Failure
from pomost.trade.documents import Document, DraftLine
from pomost.trade.vat import VatRate
from tests.ledger.firm import Firm, mugs

D = Decimal


def put(firm: Firm, sku: str, recipe: dict[str, Any], **more: Any) -> None:
    firm.ledger.setup.put_items(firm.code, [{"sku": sku, "vat": "23", "recipe": recipe, **more}])


def make(firm: Firm, key: str, quantity: int | str = 1, sku: str = "BOX", **more: Any) -> Document:
    line = DraftLine(sku, sku, D(quantity), D(0), VatRate(D(0), "np"), **more)
    return firm.issue("PWP", key, line, basis="net")


def rws_of(firm: Firm, pwp: Document) -> Document:
    found = firm.ledger.find(firm.code, f"{pwp.key}:rws")
    assert found is not None
    return found


@pytest.fixture
def shop(firm: Firm) -> Firm:
    """A box is made of two KUBEK-1 at 5.50 and one KUBEK-2 at 7.00."""
    put(firm, "BOX", {"KUBEK-1": 2, "KUBEK-2": 1})
    return firm


def test_the_cost_of_a_product_is_the_sum_of_what_was_used(shop: Firm) -> None:
    made = make(shop, "p", 3)

    assert (made.kind, made.number, made.net, made.gross) == ("PWP", "PWP/1/2026", D("54.00"), D("54.00"))
    used = rws_of(shop, made)
    assert (used.kind, used.net, made.sources) == ("RWS", D("54.00"), (used.id,))
    assert [(line.sku, line.quantity, line.net) for line in used.lines] == [
        ("KUBEK-1", 6, D("33.00")),
        ("KUBEK-2", 3, D("21.00")),
    ]
    assert (shop.stock("BOX"), shop.value("BOX")) == ((3, 0), D("54.00"))
    assert (shop.stock("KUBEK-1"), shop.value("KUBEK-1")) == ((4, 0), D("22.00"))


@pytest.mark.parametrize("method", ["FIFO", "LIFO", "AVCO"])
def test_no_grosz_is_lost_whatever_the_lots_cost(make_firm: Callable[..., Firm], method: str) -> None:
    firm = make_firm(method=method)
    put(firm, "BOX", {"KUBEK-1": 1})
    firm.ledger.setup.receive(
        firm.code, "MAG", {"KUBEK-1": (3, "3.3333")}, "odd", on=firm.draft("RO", "x").issued_on
    )
    before = firm.value("KUBEK-1")

    made = make(firm, "p", 7)

    assert firm.value("KUBEK-1") + firm.value("BOX") == before
    assert made.net == firm.value("BOX") == rws_of(firm, made).net
    firm.ledger.cancel(firm.code, "p")
    assert (firm.value("KUBEK-1"), firm.value("BOX")) == (before, 0)


def test_the_same_key_makes_it_once(shop: Firm) -> None:
    assert make(shop, "p", 2).id == make(shop, "p", 2).id
    assert shop.stock("BOX") == (2, 0)


def test_short_of_a_component_nothing_is_made(shop: Firm) -> None:
    failure = shop.refused("ledger.components-short", lambda: make(shop, "p", 6))

    assert "KUBEK-1 (needed 12, free 10)" in failure.text
    assert failure.needs == ("stock:KUBEK-1@MAG*12",)  # type: ignore[attr-defined]
    assert shop.stock("KUBEK-1") == (10, 0)
    assert shop.ledger.documents(kind="RWS") == []


def test_reserved_components_are_not_used(shop: Firm) -> None:
    shop.issue("RO", "ro", mugs(7))

    shop.refused("ledger.components-short", lambda: make(shop, "p", 2))
    assert make(shop, "q", 1).net == D("18.00")


def test_cancelled_the_components_are_in_their_lots_again(shop: Firm) -> None:
    shop.receive("more", 5, "6.00")
    made = make(shop, "p", 5)

    assert shop.ledger.cancel(shop.code, "p").state == "cancelled"
    assert rws_of(shop, made).state == "cancelled"
    assert (shop.stock("BOX"), shop.value("BOX")) == ((0, 0), 0)
    assert (shop.stock("KUBEK-1"), shop.value("KUBEK-1")) == ((15, 0), D("85.00"))
    # The oldest mugs lie in the oldest lot again, so they are the first to leave.
    assert make(shop, "again", 5).net == made.net
    shop.ledger.cancel(shop.code, "p")


def test_a_used_product_keeps_its_pwp(shop: Firm) -> None:
    made = make(shop, "p", 2)
    sent = shop.issue("WZ", "wz", mugs(1, sku="BOX"))

    shop.refused("ledger.goods-used", lambda: shop.ledger.cancel(shop.code, "p"))
    assert shop.ledger.ties(shop.code, "p").users == (sent.id,)
    assert rws_of(shop, made).state == "approved"
    shop.ledger.cancel(shop.code, "wz")
    assert not shop.ledger.ties(shop.code, "p").goods_used
    shop.ledger.cancel(shop.code, "p")
    assert shop.stock("KUBEK-1") == (10, 0)


def test_an_rws_is_not_cancelled_alone(shop: Firm) -> None:
    make(shop, "p")

    shop.refused("ledger.has-followers", lambda: shop.ledger.cancel(shop.code, "p:rws"))


def test_levels_are_made_and_cancelled_together(shop: Firm) -> None:
    put(shop, "BIG", {"BOX": 2})

    made = make(shop, "p", 2, "BIG")

    assert [(line.sku, line.quantity, line.net) for line in made.lines] == [
        ("BOX", 4, D("72.00")),
        ("BIG", 2, D("72.00")),
    ]
    assert not shop.ledger.ties(shop.code, "p").goods_used, "its own RWS does not count"
    shop.ledger.cancel(shop.code, "p")
    assert [shop.stock(sku) for sku in ("BIG", "BOX", "KUBEK-1", "KUBEK-2")] == [
        (0, 0),
        (0, 0),
        (10, 0),
        (10, 0),
    ]


def test_a_cycle_is_refused_with_the_way_round(shop: Firm) -> None:
    put(shop, "BIG", {"BOX": 2})

    failure = shop.refused("trade.recipe-cycle", lambda: put(shop, "BOX", {"BIG": 1}))

    assert "BOX -> BIG -> BOX" in failure.text
    assert make(shop, "p").net == D("18.00"), "the recipe stays as it was"


@pytest.mark.parametrize(
    ("recipe", "code"),
    [
        ({"NOBODY": 1}, "ledger.bad-item"),
        ({"DOSTAWA": 1}, "ledger.bad-item"),
        ({"KUBEK-1": 0}, "trade.bad-recipe"),
        ({"KUBEK-1": {"quantity": 1, "waste": 3}}, "trade.bad-recipe"),
        ({"KUBEK-1": {"unit": "g"}}, "trade.bad-recipe"),
        ({"KUBEK-1": "0.00001"}, "trade.quantity-too-fine"),
    ],
)
def test_what_is_no_recipe_is_refused(firm: Firm, recipe: dict[str, Any], code: str) -> None:
    firm.refused(code, lambda: put(firm, "BOX", recipe))
    assert "BOX" not in [card.sku for card in firm.ledger.items(firm.code)]


def test_a_card_is_made_or_issued_as_its_parts_not_both(firm: Firm) -> None:
    firm.refused("ledger.bad-item", lambda: put(firm, "BOX", {"KUBEK-1": 1}, parts={"KUBEK-1": 1}))


def test_an_empty_recipe_takes_it_away(shop: Firm) -> None:
    put(shop, "BOX", {})

    shop.refused("ledger.no-recipe", lambda: make(shop, "p"))


def test_a_pwp_does_not_wait_in_bufor(shop: Firm) -> None:
    line = DraftLine("BOX", "BOX", D(1), D(0), VatRate(D(0), "np"))

    shop.refused("ledger.made-in-bufor", lambda: shop.issue("PWP", "p", line, approve=False))


def test_what_was_made_for_an_order_is_not_taken_by_an_older_one(shop: Firm) -> None:
    older = shop.issue("RO", "older", mugs(5, sku="BOX"))
    newer = shop.issue("RO", "newer", mugs(2, sku="BOX"))

    found = shop.ledger.to_make(shop.code, "", (newer.id,), ())
    shop.ledger.issue(shop.draft("PWP", "p", *found.lines, basis="net"))

    shop.refused("ledger.not-in-stock", lambda: shop.convert("WZ", "wz1", older))
    assert shop.ledger.to_make(shop.code, "", (newer.id,), ()).lines == ()
    assert shop.convert("WZ", "wz2", newer).state == "approved"
    assert shop.stock("BOX") == (0, 5)


def test_many_make_from_the_same_components_and_none_is_used_twice(shop: Firm) -> None:
    def work(n: int) -> str:
        try:
            return make(shop, f"p{n}").kind
        except Failure as failure:
            return failure.code

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, range(8)))

    assert sorted(found) == ["PWP"] * 5 + ["ledger.components-short"] * 3
    assert (shop.stock("BOX"), shop.value("BOX")) == ((5, 0), D("90.00"))
    assert shop.stock("KUBEK-1") == (0, 0)


def test_a_kit_is_opened_to_the_bottom(shop: Firm) -> None:
    put(shop, "BIG", {"BOX": 2, "KUBEK-1": {"quantity": 1, "loss": 50}})
    shop.ledger.setup.put_item(shop.code, "SET", "Set", "23", parts={"BOX": 3})

    kits = shop.ledger.kits(shop.code, "detal", ["BIG", "SET", "KUBEK-1", "NOBODY"])

    assert {sku: {one.sku: one.quantity for one in parts} for sku, parts in kits.items()} == {
        "BIG": {"KUBEK-1": 5, "KUBEK-2": 2},
        "SET": {"KUBEK-1": 6, "KUBEK-2": 3},
    }

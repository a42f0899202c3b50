"""A15: products that are made for an order, and kits sold as what is in them, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.config.flow import Flow
from pomost.flows.dry_run import dry_run
from pomost.flows.faults import check_flow
from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import Document, Draft
from tests.house import TODAY, House
from tests.narrative.test_returns import call

D = Decimal
FLOW = {"preset": "kits"}
BOX = [{"sku": "ZESTAW", "name": "Zestaw prezentowy", "quantity": 2, "price_brutto": 59.90, "tax_rate": 23}]


def receive(home: House, key: str, **goods: tuple[str, str]) -> None:
    """receive(home, "more", KUBEK=("10", "5.00")): ten mugs at 5.00."""
    home.ledger.issue(receive_draft("main", "MAG", key, TODAY, goods))


def workshop(home: House, *, stocked: bool = True) -> None:
    """Two mugs and 200 g of tea make a gift box; of the tea 5 % is lost."""
    home.ledger.setup.put_items(
        "main",
        [
            {"sku": "KUBEK", "name": "Kubek", "vat": "23", "prices": {"detal": D("20.00")}},
            {"sku": "HERBATA", "name": "Herbata", "vat": "8", "unit": "kg", "prices": {"detal": D("80.00")}},
            {
                "sku": "ZESTAW",
                "name": "Zestaw prezentowy",
                "vat": "23",
                "recipe": {
                    "KUBEK": 2,
                    "HERBATA": {"quantity": 200, "unit": "g", "base": 1, "of": 1000, "loss": 5},
                },
            },
        ],
    )
    if stocked:
        receive(home, "components", KUBEK=("10", "5.00"), HERBATA=("3", "40.00"))


def of_kind(home: House, order: int, kind: str) -> Document:
    return next(one for one in home.documents(order) if one.kind == kind)


def stock(home: House, sku: str) -> tuple[Decimal, Decimal, Decimal]:
    level = home.ledger.stock("main", sku)["MAG"]
    return level.quantity, level.reserved, level.value


def test_a15_what_is_missing_is_made_before_it_is_issued(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=FLOW)
    workshop(home)

    # Two gift boxes are ordered; none is there, their components are.
    order = shop.place(lines=BOX, paid=True, delivery_price="0")[0]
    home.run_until(lambda: "PWP" in home.kinds(order))
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    # They are reserved, made of their components, sold and issued.
    assert home.kinds(order) == ["RO", "PWP", "RWS", "PA", "WZ"]
    made, used = of_kind(home, order, "PWP"), of_kind(home, order, "RWS")
    assert [(line.sku, line.quantity, line.net) for line in used.lines] == [
        ("KUBEK", 4, D("20.00")),
        ("HERBATA", D("0.42"), D("16.80")),
    ]
    # What they cost is what was used.
    assert [(line.sku, line.quantity, line.price, line.net) for line in made.lines] == [
        ("ZESTAW", 2, D("18.40"), D("36.80"))
    ]
    assert stock(home, "KUBEK") == (6, 0, D("30.00"))
    assert stock(home, "HERBATA") == (D("2.58"), 0, D("103.20"))
    assert stock(home, "ZESTAW") == (0, 0, 0)
    assert shop.order(order)["status"] == "Wysłane"


def test_a15_the_cost_of_a_product_follows_the_lots_that_were_used(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    workshop(home, stocked=False)
    receive(home, "old", KUBEK=("3", "5.00"), HERBATA=("0.42", "33.33"))
    receive(home, "new", KUBEK=("5", "7.00"))

    order = shop.place(lines=BOX, paid=True, delivery_price="0")[0]
    home.run_until(lambda: "PWP" in home.kinds(order))

    # Three mugs at 5.00, one at 7.00 and 0.42 kg of tea at 33.33: 36.00, which is 18.00 for each box.
    made = of_kind(home, order, "PWP")
    assert made.net == D("36.00") == of_kind(home, order, "RWS").net
    assert stock(home, "ZESTAW") == (2, 2, D("36.00"))


def test_a15_what_is_there_already_is_not_made_again(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=FLOW)
    workshop(home)
    receive(home, "boxes", ZESTAW=("5", "17.00"))

    order = shop.place(lines=BOX, paid=True, delivery_price="0")[0]
    home.run_until_state(order, "waiting")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    # Five boxes lay there: the step is done with a note, and no component moved.
    assert home.kinds(order) == ["RO", "PA", "WZ"]
    record = home.pomost.store.cases.load_with_steps(home.line(order).id)[1]["pwp"]
    assert (record.state, record.result["note"]) == ("done", "nothing to make")
    assert stock(home, "KUBEK")[0] == 10


def test_a15_only_what_is_missing_of_each_level_is_made(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=FLOW)
    workshop(home)
    # The large set holds two gift boxes and a mug; one gift box is in stock.
    home.ledger.setup.put_item("main", "DUŻY", "Duży zestaw", "23")
    home.ledger.setup.put_items(
        "main", [{"sku": "DUŻY", "name": "Duży zestaw", "vat": "23", "recipe": {"ZESTAW": 2, "KUBEK": 1}}]
    )
    receive(home, "boxes", ZESTAW=("1", "17.00"))

    order = shop.place(lines=[{**BOX[0], "sku": "DUŻY", "quantity": 1}], paid=True, delivery_price="0")[0]
    home.run_until(lambda: "PWP" in home.kinds(order))

    # The missing gift box is made first, then the set, on one PWP with one RWS.
    made, used = of_kind(home, order, "PWP"), of_kind(home, order, "RWS")
    assert [(line.sku, line.quantity, line.net) for line in made.lines] == [
        ("ZESTAW", 1, D("18.40")),
        ("DUŻY", 1, D("40.40")),
    ]
    assert [(line.sku, line.quantity, line.net) for line in used.lines] == [
        ("KUBEK", 2, D("10.00")),
        ("HERBATA", D("0.21"), D("8.40")),
        ("KUBEK", 1, D("5.00")),
        ("ZESTAW", 2, D("35.40")),
    ]
    assert stock(home, "ZESTAW") == (0, 0, 0)
    assert stock(home, "DUŻY") == (1, 1, D("40.40"))


def test_a15_short_of_a_component_the_order_waits_names_it_and_goes_on_by_itself(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    workshop(home, stocked=False)
    receive(home, "few", KUBEK=("3", "5.00"), HERBATA=("3", "40.00"))

    order = shop.place(lines=BOX, paid=True, delivery_price="0")[0]
    home.run_until(lambda: home.waits(order).get("code") == "ledger.components-short")

    # Nothing is made by halves; the number of the reservation is in BaseLinker already.
    assert "short of KUBEK (needed 4, free 3)" in home.waits(order)["text"]
    assert home.kinds(order) == ["RO"]
    assert shop.order(order)["status"] == "W realizacji"

    # A mug comes, and nobody has to say so.
    receive(home, "one", KUBEK=("1", "6.00"))
    home.pomost.wake([])
    home.run_until(lambda: "PWP" in home.kinds(order))
    assert of_kind(home, order, "PWP").net == D("37.80")


def test_a15_a_component_that_another_order_holds_is_not_used(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    workshop(home)
    mugs = [{"sku": "KUBEK", "name": "Kubek", "quantity": 7, "price_brutto": 20.0, "tax_rate": 23}]
    other = shop.place(lines=mugs, paid=True, delivery_price="0")[0]
    home.run_until_state(other, "waiting")

    order = shop.place(lines=BOX, paid=True, delivery_price="0")[0]
    home.run_until(lambda: home.waits(order).get("code") == "ledger.components-short")

    assert "KUBEK (needed 4, free 3)" in home.waits(order)["text"]


def test_a15_what_was_made_for_an_order_is_not_taken_by_an_older_one(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    workshop(home)
    # An older order of many boxes waits, its components are short.
    large = shop.place(lines=[{**BOX[0], "quantity": 50}], paid=True, delivery_price="0")[0]
    home.run_until(lambda: home.waits(large).get("code") == "ledger.components-short")

    # A small one comes later: its two boxes are made, and it is them that it sends.
    small = shop.place(lines=BOX, paid=True, delivery_price="0")[0]
    home.run_until(lambda: "PWP" in home.kinds(small))
    shop.move(small, "Spakowane")
    home.run_until_state(small, "done")
    assert home.kinds(small) == ["RO", "PWP", "RWS", "PA", "WZ"]
    assert stock(home, "ZESTAW") == (0, 50, 0)


def test_a15_an_order_that_grows_has_the_rest_made(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=FLOW)
    workshop(home)
    order = shop.place(lines=BOX, paid=True, delivery_price="0")[0]
    home.run_until_state(order, "waiting")
    assert stock(home, "ZESTAW")[0] == 2

    line = shop.order(order)["products"][0]["order_product_id"]
    shop.edit_line(order, line, quantity=3)
    home.run_until(lambda: stock(home, "ZESTAW")[0] == 3)
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    assert home.kinds(order) == ["RO", "PWP", "RWS", "PWP", "RWS", "PA", "WZ"]
    assert [one.lines[0].quantity for one in home.documents(order) if one.kind == "PWP"] == [2, 1]


def test_a15_cancelled_the_components_go_back_to_their_lots(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    workshop(home)
    order = shop.place(lines=BOX, paid=False, cod=True, delivery_price="0")[0]
    home.run_until_state(order, "waiting")
    assert stock(home, "ZESTAW") == (2, 2, D("36.80"))

    shop.cancel(order)
    home.run_until(lambda: home.waits(order).get("code") == "flow.undone")

    assert "PWP/1/2026 cancelled (components back in stock)" in home.waits(order)["text"]
    assert {one.state for one in home.documents(order)} == {"cancelled"}
    assert stock(home, "ZESTAW") == (0, 0, 0)
    assert stock(home, "KUBEK") == (10, 0, D("50.00"))
    assert stock(home, "HERBATA") == (3, 0, D("120.00"))


def test_a15_cancelled_after_the_goods_issue_all_is_undone(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    own = {
        "preset": "",
        "cancelled": 'order.status == "Anulowane"',
        "step": [
            {"id": "ro", "issue": "RO"},
            {"id": "pwp", "issue": "PWP", "source": ["ro"]},
            {"id": "wz", "issue": "WZ", "source": ["ro"], "after": ["pwp"]},
            {"id": "cancel", "cancel": ["ro", "pwp", "wz"]},
        ],
    }
    home = house(flow=own)
    workshop(home)
    order = shop.place(lines=BOX, paid=False, cod=True, delivery_price="0")[0]
    home.run_until_state(order, "done")
    assert stock(home, "ZESTAW")[0] == 0

    # The WZ goes first and brings the boxes back, so the PWP can go too.
    shop.cancel(order)
    home.run_until(lambda: home.waits(order).get("code") == "flow.undone")
    assert {one.state for one in home.documents(order)} == {"cancelled"}
    assert (stock(home, "KUBEK"), stock(home, "ZESTAW")) == ((10, 0, D("50.00")), (0, 0, 0))


def test_a15_a_product_that_somebody_else_issued_holds_its_pwp(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow=FLOW)
    workshop(home)
    order = shop.place(lines=BOX, paid=False, cod=True, delivery_price="0")[0]
    home.run_until_state(order, "waiting")
    reservation = home.documents(order)[0]
    home.ledger.issue(
        Draft(kind="WZ", company="main", key="by-hand", issued_on=TODAY, sources=(reservation.id,))
    )

    shop.cancel(order)
    home.run_until_state(order, "person")

    assert "PWP/1/2026: goods that it received were issued since" in home.waits(order)["text"]
    assert {one.state for one in home.documents(order)} == {"approved"}


def test_a15_the_dry_run_says_what_would_be_made(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=FLOW)
    workshop(home)
    shop.place(lines=BOX, paid=True, delivery_price="0")

    case, steps = next(iter(home.pomost.lookers[0].preview(1)))
    result = dry_run(home.pomost.flows["sklep"], case, steps, home.ledger)

    assert [(line.step, line.act) for line in result.lines] == [
        ("ro", "RO over 119.80 PLN"),
        ("ro-back", 'Numer RO := RO/?; status "W realizacji"'),
        ("pwp", "PWP: 2 ZESTAW (of 4 KUBEK, 0.42 HERBATA)"),
    ]
    assert home.ledger.documents(foreign_number="1") == []


COMPONENTS = {
    "preset": "ro-fs-wz",
    "rules": {"kits": "components", "kit_level": "detal"},
}


def test_a15_by_rule_a_kit_is_sold_as_what_is_in_it(shop: Sandbox, house: Callable[..., House]) -> None:
    home = house(flow=COMPONENTS)
    workshop(home)

    order = shop.place(lines=BOX, nip="1234563218", paid=True, delivery_price="0")[0]
    home.run_until_state(order, "waiting")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")

    # Nothing is made: mugs and tea are reserved, invoiced and issued.
    assert home.kinds(order) == ["RO", "FS", "WZ"]
    invoice = of_kind(home, order, "FS")
    # A mug alone costs 20.00 and 200 g of tea 16.00, so of 119.80 the mugs get 40/56 and the tea 16/56.
    assert [(line.sku, line.quantity, line.price, line.vat.code, line.gross) for line in invoice.lines] == [
        ("KUBEK", 3, D("21.39"), "23", D("64.17")),
        ("KUBEK", 1, D("21.40"), "23", D("21.40")),
        ("HERBATA", D("0.4"), D("85.575"), "8", D("34.23")),
    ]
    assert invoice.gross == D("119.80")
    assert [(row.vat.code, row.gross) for row in invoice.vat_rows] == [("23", D("85.57")), ("8", D("34.23"))]
    assert (stock(home, "KUBEK")[0], stock(home, "HERBATA")[0]) == (6, D("2.6"))


def test_a15_a_kit_whose_components_have_no_prices_waits_for_a_person(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home = house(flow={**COMPONENTS, "rules": {"kits": "components", "kit_level": "hurt"}})
    workshop(home)

    order = shop.place(lines=BOX, paid=True, delivery_price="0")[0]
    home.run_until_state(order, "person")

    assert home.waits(order)["code"] == "trade.kit-without-prices"
    assert home.kinds(order) == []


RETURNS = {
    "name": "zwroty",
    "source": "baselinker",
    "company": "main",
    "preset": "returns",
    "kind": "return",
    "rules": {"return_reason": "Zwrot"},
}


def sold_boxes(house: Callable[..., House], shop: Sandbox, **sales: Any) -> tuple[House, int]:
    """A shop that sold and sent two gift boxes for 119.80, and that takes returns."""
    flow = {"name": "sklep", "source": "baselinker", "company": "main", **(sales or COMPONENTS)}
    home = house(flows=[flow, RETURNS], baselinker={"returns_s": 0.1})
    workshop(home)
    order = shop.place(lines=BOX, nip="1234563218", paid=True, delivery_price="0")[0]
    home.run_until_state(order, "waiting")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    return home, order


def send_back(shop: Sandbox, order: int, quantity: float) -> int:
    line = shop.order(order)["products"][0]["order_product_id"]
    found: int = shop.return_goods(order, {line: quantity})
    shop.move_return(found, "Przyjęte")
    return found


def test_a15_a_kit_sold_as_components_comes_back_as_its_components(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home, order = sold_boxes(house, shop)

    # One of the two boxes comes back; the return names the box, the invoice has mugs and tea.
    home.run_until_state(send_back(shop, order, 1), "done")

    # Half of each component is taken off, of the dearer and the cheaper mugs, so that 59.90 are paid back.
    correction = of_kind(home, order, "FSK")
    assert correction.correction is not None
    assert [(line.sku, line.quantity, line.price) for line in correction.lines] == [
        ("KUBEK", -1, D("21.39")),
        ("KUBEK", -1, D("21.40")),
        ("HERBATA", D("-0.2"), D("85.575")),
    ]
    assert [(row.vat.code, row.gross) for row in correction.vat_rows] == [
        ("23", D("-42.79")),
        ("8", D("-17.11")),
    ]
    assert correction.correction.refund == D("59.90")
    # The components are in their warehouse again, at what they had cost.
    assert stock(home, "KUBEK") == (8, 0, D("40.00"))
    assert stock(home, "HERBATA") == (D("2.8"), 0, D("112.00"))

    # The second one comes back, and nothing of the sale is left; a third was never sold.
    home.run_until_state(send_back(shop, order, 1), "done")
    assert sum(one.gross for one in home.documents(order) if one.kind in ("FS", "FSK")) == 0
    assert stock(home, "KUBEK") == (10, 0, D("50.00"))
    third = send_back(shop, order, 1)
    home.run_until_state(third, "person")
    assert home.waits(third)["code"] == "trade.return-more-than-left"
    assert "KUBEK (in ZESTAW)" in home.waits(third)["text"]


def test_a15_a_part_of_a_kit_that_comes_back_waits_for_a_person(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    home, order = sold_boxes(house, shop)

    # A mug of a box comes back: it has no price of its own that the buyer agreed to.
    mug = {"name": "Kubek", "sku": "KUBEK", "price_brutto": 20, "tax_rate": 23, "quantity": 1}
    asked = {"order_id": order, "status_id": 31002, "date_add": 1764000000, "currency": "PLN"}
    found = call(shop, "addOrderReturn", **asked, products=[mug], refunded=False)["return_id"]
    home.run_until_state(found, "person")

    assert home.waits(found)["code"] == "trade.return-part-of-kit"
    assert "3 KUBEK on FS/1/2026, 1 KUBEK on FS/1/2026" in home.waits(found)["text"]
    assert home.ledger.documents(kind="FSK") == []


def test_a15_a_kit_paid_in_advance_is_invoiced_and_corrected_at_the_rates_of_its_components(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    flow = {"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fzal-fs"}
    home = house(flows=[{**flow, "rules": COMPONENTS["rules"]}, RETURNS], baselinker={"returns_s": 0.1})
    workshop(home)

    # Two boxes for 119.80, all paid before they are sent.
    order = shop.place(lines=BOX, nip="1234563218", paid=True, delivery_price="0")[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    assert home.kinds(order) == ["RO", "FZAL", "WZ"]
    advance = of_kind(home, order, "FZAL")
    assert [(row.vat.code, row.gross) for row in advance.vat_rows] == [("23", D("85.57")), ("8", D("34.23"))]

    # One box comes back, and then the other.
    home.run_until_state(send_back(shop, order, 1), "done")
    correction = of_kind(home, order, "FSK")
    assert correction.gross == D("-59.90")
    assert [(line.sku, line.quantity) for line in correction.ordered] == [
        ("KUBEK", -1),
        ("KUBEK", -1),
        ("HERBATA", D("-0.2")),
    ]
    assert stock(home, "KUBEK") == (8, 0, D("40.00"))
    home.run_until_state(send_back(shop, order, 1), "done")
    assert sum(one.gross for one in home.documents(order) if one.kind in ("FZAL", "FSK")) == 0
    assert stock(home, "HERBATA") == (3, 0, D("120.00"))


def test_a15_a_compound_that_comes_back_brings_its_parts_at_what_they_cost(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    # The gift box is a compound (TZ): one line on the invoice, and its parts leave the stock. They came in two lots.
    flow = {"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fs-wz"}
    home = house(flows=[flow, RETURNS], baselinker={"returns_s": 0.1})
    home.ledger.setup.put_items(
        "main",
        [
            {"sku": "KUBEK", "name": "Kubek", "vat": "23"},
            {"sku": "HERBATA", "name": "Herbata", "vat": "8", "unit": "kg"},
        ],
    )
    home.ledger.setup.put_item("main", "ZESTAW", "Zestaw", "23", parts={"KUBEK": 2, "HERBATA": D("0.2")})
    receive(home, "old", KUBEK=("3", "5.00"), HERBATA=("3", "40.00"))
    receive(home, "new", KUBEK=("9", "7.00"))
    order = shop.place(lines=[{**BOX[0], "quantity": 3}], nip="1234563218", paid=True, delivery_price="0")[0]
    home.run_until_state(order, "waiting")
    shop.move(order, "Spakowane")
    home.run_until_state(order, "done")
    assert stock(home, "KUBEK") == (6, 0, D("42.00"))

    # One box comes back: two mugs of the lot that left first.
    home.run_until_state(send_back(shop, order, 1), "done")
    correction = of_kind(home, order, "FSK")
    assert [(line.sku, line.quantity, line.gross) for line in correction.lines] == [
        ("ZESTAW", -1, D("-59.90"))
    ]
    assert stock(home, "KUBEK") == (8, 0, D("52.00"))
    assert stock(home, "HERBATA") == (D("2.6"), 0, D("104.00"))

    # The others come back one by one, and everything is as it was.
    for _ in range(2):
        home.run_until_state(send_back(shop, order, 1), "done")
    assert stock(home, "KUBEK") == (12, 0, D("78.00"))
    assert stock(home, "HERBATA") == (3, 0, D("120.00"))


@pytest.mark.parametrize(
    ("step", "rules", "said"),
    [
        ({"approve": False}, {}, "a PWP does not wait in bufor"),
        ({"company": "hurt", "prices": "order"}, {}, "made in the flow's own company"),
        ({}, {"kits": "components"}, "no level of prices divides them"),
    ],
)
def test_a15_what_can_not_be_made_is_seen_before_it_runs(step: Any, rules: Any, said: str) -> None:
    flow = Flow.model_validate(
        {
            "name": "sklep",
            "source": "baselinker",
            "company": "main",
            "rules": rules,
            "step": [{"id": "pwp", "issue": "PWP", **step}],
        }
    )

    assert said in " ".join(fault.text for fault in check_flow(flow))

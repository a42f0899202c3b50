"""Money paid back for no goods in a WooCommerce shop, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from pomost.deciding import skip_step, spread_refund
from pomost.ports import NeedsPerson
from pomost.sandbox.woocommerce import Shop
from pomost.trade.documents import Document
from tests.house import TODAY
from tests.narrative.test_woocommerce import house, of_kind, shop
from tests.woo_house import RETURNS, SALE, WooHouse

__all__ = ["house", "shop"]

D = Decimal
COMPANY = {"nip": "123-456-32-18", "company": "Kubkowo sp. z o.o.", "want_invoice": True}
SPREAD = {"woocommerce": {"money_refunds": "spread"}}


def rates(document: Document) -> dict[str, Decimal]:
    return {row.vat.code: row.gross for row in document.vat_rows}


def left(home: WooHouse, order: int) -> Decimal:
    """What the sale is over after its corrections."""
    return sum((one.gross for one in of_kind(home, order, "FS", "PA", "FSK", "PAK")), D(0))


def sold(shop: Shop, home: WooHouse, **wanted: Any) -> int:
    """A company buys two mugs (23 %) and a book (5 %), and pays at once."""
    lines = [("KUBEK-1", 2), ("KSIAZKA-GOT", 1)]
    order = shop.place(
        **{"lines": lines, "payment": "payu", "paid": True, "shipping": "none", **COMPANY, **wanted}
    )[0]
    home.run_until_state(order, "done")
    return order


def paid_back(shop: Shop, home: WooHouse, order: int, state: str = "done", **wanted: Any) -> int:
    """The shop's people pay back; Pomost makes of it what it can."""
    refund = shop.refund(order, **wanted)
    home.run_until(lambda: home.state_of_return(order, refund) == state)
    return refund


def test_twenty_zloty_of_goodwill_lower_the_prices_and_no_goods_come_back(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house(**SPREAD)
    order = sold(shop, home)
    [invoice] = of_kind(home, order, "FS")
    assert rates(invoice) == {"23": D("52.00"), "5": D("59.90")}
    mugs = home.ledger.stock("main", "KUBEK-1")["MAG"].quantity

    # A mug has a scratch; the buyer keeps it and gets 20.00 back.
    paid_back(shop, home, order, amount="20.00", reason="Rysa na kubku")

    # The correction takes 20.00 off, each rate bearing what it has of 111.90, and no piece.
    [correction] = of_kind(home, order, "FSK")
    assert (correction.gross, rates(correction)) == (D("-20.00"), {"23": D("-9.29"), "5": D("-10.71")})
    made = correction.correction
    assert made is not None
    assert [(line.before.quantity, line.after.quantity) for line in made.lines] == [(2, 2), (1, 1)]
    assert [line.after.value for line in made.lines] == [D("42.71"), D("49.19")]
    # The law asks for the reason, the day on which it was agreed and the paper.
    assert (made.reason, made.agreed_on is not None, made.agreement != "") == ("Rysa na kubku", True, True)
    assert made.refund == D("20.00")

    # Nothing moved: neither a WZK nor a receipt of goods.
    assert home.kinds(order) == ["FS", "WZ", "FSK"]
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == mugs


def test_a_receipt_gets_an_entry_in_the_register_of_returns_over_a_part_of_the_price(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house(**SPREAD)
    order = sold(shop, home, nip="", company="", want_invoice=False)

    paid_back(shop, home, order, amount="20.00", reason="Rysa na kubku")

    assert home.kinds(order) == ["PA", "WZ", "PAK"]
    entries = home.ledger.returns_register("main", TODAY, TODAY)
    assert sum(one.gross for one in entries) == D("20.00")
    assert {(one.quantity, one.whole, one.reason) for one in entries} == {(D(0), False, "Rysa na kubku")}


def test_a_lower_price_of_one_line_is_of_that_line(shop: Shop, house: Callable[..., WooHouse]) -> None:
    home = house(**SPREAD)
    order = sold(shop, home)

    # The shop's people write 10.00 and 0.50 of tax beside the book, and no pieces.
    client = home.pomost.channels["woocommerce"].client  # type: ignore[attr-defined]
    line = shop.order(order)["line_items"][1]
    [tax] = line["taxes"]
    asked = {
        "id": line["id"],
        "quantity": 0,
        "refund_total": 10.00,
        "refund_tax": [{"id": tax["id"], "refund_total": 0.50}],
    }
    answer = client.post(
        f"orders/{order}/refunds",
        {"amount": "10.50", "api_refund": False, "reason": "Zagięta", "line_items": [asked]},
    )
    home.run_until(lambda: home.state_of_return(order, int(answer["id"])) == "done")

    [correction] = of_kind(home, order, "FSK")
    assert rates(correction) == {"5": D("-10.50")}
    assert home.kinds(order) == ["FS", "WZ", "FSK"]


def test_a_refund_beyond_its_lines_brings_the_piece_back_and_lowers_the_rest(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house(**SPREAD)
    order = sold(shop, home)

    # One mug comes back (26.00), and 10.00 are added for the trouble.
    paid_back(shop, home, order, lines={"KUBEK-1": 1}, amount="36.00", reason="Zły kolor")

    [correction] = of_kind(home, order, "FSK")
    assert correction.gross == D("-36.00")
    assert correction.correction is not None
    assert [line.back for line in correction.correction.lines] == [1, 0]
    assert home.kinds(order) == ["FS", "WZ", "FSK", "WZK"]
    assert left(home, order) == D("111.90") - D("36.00")


def test_a_refund_after_a_spread_one_sees_what_is_left_until_nothing_is(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house(**SPREAD)
    order = sold(shop, home)

    # First money, then a mug at its full price, then money again, then all that is left by the status.
    paid_back(shop, home, order, amount="11.90", reason="Opóźnienie")
    assert left(home, order) == D("100.00")
    paid_back(shop, home, order, lines={"KUBEK-1": 1}, reason="Odstąpienie")
    assert left(home, order) == D("74.00")
    paid_back(shop, home, order, amount="4.00", reason="Opóźnienie")
    assert left(home, order) == D("70.00")
    shop.set_status(order, "refunded")
    last = max(int(one["id"]) for one in shop.refunds(order))
    home.run_until(lambda: home.state_of_return(order, last) == "done")

    assert left(home, order) == 0
    tax = sum((one.tax for one in of_kind(home, order, "FS", "FSK")), D(0))
    assert tax == 0
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 10_000


def test_delivery_bears_its_part_only_where_the_flow_says_so(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house(flows=[SALE, {**RETURNS, "rules": {**RETURNS["rules"], "lower_delivery": True}}], **SPREAD)
    order = sold(shop, home, shipping="courier")

    paid_back(shop, home, order, amount="20.00", reason="Opóźnienie")

    [correction] = of_kind(home, order, "FSK")
    assert correction.gross == D("-20.00")
    assert "TRANSPORT" in {line.sku for line in correction.lines}


def test_more_than_the_goods_are_worth_waits_and_touches_no_delivery(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house(**SPREAD)
    order = sold(shop, home, shipping="courier")

    refund = paid_back(shop, home, order, "person", amount="112.00", reason="Opóźnienie")

    assert home.return_line(order, refund).waits["code"] == "trade.lower-more-than-left"
    assert of_kind(home, order, "FSK") == []


def test_as_long_as_nothing_is_set_a_person_is_asked_and_may_have_it_spread(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house()
    order = sold(shop, home)
    refund = paid_back(shop, home, order, "person", amount="20.00", reason="Rysa na kubku")
    case = home.return_line(order, refund)
    assert (case.waits["code"], case.waits["step"]) == ("woocommerce.refund-money-only", "money")
    assert of_kind(home, order, "FSK") == []

    # The accountant decides: it is a lower price.
    spread_refund(home.pomost, case.id, "ksiegowa")
    home.run_until(lambda: home.state_of_return(order, refund) == "done")

    [correction] = of_kind(home, order, "FSK")
    assert correction.gross == D("-20.00")
    history = home.pomost.store.steps.history(case.id)
    assert [one.data["who"] for one in history if one.what == "edited"] == ["ksiegowa"]

    # It is decided once.
    with pytest.raises(NeedsPerson) as refused:
        spread_refund(home.pomost, case.id, "ksiegowa")
    assert refused.value.code == "decide.nothing-to-spread"


def test_what_a_person_settled_by_hand_is_not_corrected(shop: Shop, house: Callable[..., WooHouse]) -> None:
    home = house()
    order = sold(shop, home)
    refund = paid_back(shop, home, order, "person", amount="20.00", reason="Odszkodowanie")
    case = home.return_line(order, refund)

    # Compensation is no price: it has a note of its own, and the invoice stays.
    skip_step(home.pomost, case.id, "money", "ksiegowa")
    home.run_until(lambda: home.state_of_return(order, refund) == "done")

    assert home.kinds(order) == ["FS", "WZ"]


def test_a_part_of_the_delivery_is_corrected_by_hand_and_the_return_is_closed(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house(**SPREAD)
    order = sold(shop, home, shipping="courier")
    line = shop.order(order)["shipping_lines"][0]
    channel: Any = home.pomost.channels["woocommerce"]
    less = {"id": line["taxes"][0]["id"], "refund_total": "0.93"}

    # The parcel came late: 5.00 of the delivery is paid back, which no rule divides.
    back = {"id": line["id"], "refund_total": "4.07", "refund_tax": [less]}
    sent = {"amount": "5.00", "reason": "Spóźniona", "api_refund": False, "line_items": [back]}
    refund = channel.client.post(f"orders/{order}/refunds", sent)["id"]
    home.run_until(lambda: home.state_of_return(order, refund) == "person")
    case = home.return_line(order, refund)
    assert (case.waits["code"], case.waits["step"]) == ("woocommerce.refund-part", "money")

    # The accountant corrected the invoice by hand.
    skip_step(home.pomost, case.id, "money", "ksiegowa")
    home.run_until(lambda: home.state_of_return(order, refund) == "done")

    assert home.kinds(order) == ["FS", "WZ"]
    assert home.return_line(order, refund).waits["code"] == "flow.refund-by-hand"


def test_in_another_currency_the_correction_is_in_that_of_the_sale(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house(**SPREAD)
    order = sold(shop, home, currency="EUR")

    paid_back(shop, home, order, amount="20.00", reason="Rysa na kubku")

    [correction] = of_kind(home, order, "FSK")
    assert (correction.gross, correction.currency) == (D("-20.00"), "EUR")

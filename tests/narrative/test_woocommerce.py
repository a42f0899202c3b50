"""Selling in a WooCommerce shop, as an accountant would tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pomost.checking import check
from pomost.deciding import skip_step
from pomost.health import connections
from pomost.ports import NeedsPerson
from pomost.sandbox.woocommerce import Settings, Shop
from pomost.trade.documents import Document, Draft, DraftLine
from pomost.trade.order import Party
from pomost.trade.vat import VatRate
from tests.aside import aside
from tests.house import TODAY, stock_up
from tests.woo_house import RETURNS, SALE, WooHouse, woo_config

D = Decimal
COMPANY = {"nip": "123-456-32-18", "company": "Kubkowo sp. z o.o.", "want_invoice": True}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with aside(Shop(Settings(catalogue="shared"), seed=0)) as running:
        yield running


@pytest.fixture
def house(shop: Shop, tmp_path: Path) -> Iterator[Callable[..., WooHouse]]:
    """Makes a house with a flow of sales and one of returns; all are stopped at the end."""
    built: list[WooHouse] = []

    def build(**wanted: Any) -> WooHouse:
        wanted.setdefault("flows", [SALE, RETURNS])
        built.append(WooHouse(tmp_path, shop, **wanted))
        return built[-1]

    yield build
    for one in built:
        one.stop()


def of_kind(home: WooHouse, order: int, *kinds: str) -> list[Document]:
    return [document for document in home.documents(order) if document.kind in kinds]


def meta(shop: Shop, order: int, key: str) -> str:
    return next((one["value"] for one in shop.order(order)["meta_data"] if one["key"] == key), "")


def line_of(shop: Shop, order: int, nth: int = 0) -> int:
    return int(shop.order(order)["line_items"][nth]["id"])


def gross(order: dict[str, Any], *kinds: str) -> Decimal:
    return sum((D(one["total"]) + D(one["total_tax"]) for kind in kinds for one in order[kind]), D(0))


def test_b01_one_of_two_mugs_is_refunded_and_the_invoice_corrected(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house()

    # A company buys two mugs, with delivery, and pays at once. It gets an invoice over what the shop charged.
    order = shop.place(
        lines=[("KUBEK-1", 2)], payment="przelewy24", paid=True, shipping="courier", **COMPANY
    )[0]
    home.run_until_state(order, "done")
    assert home.kinds(order) == ["FS", "WZ"]
    [invoice] = of_kind(home, order, "FS")
    assert invoice.gross == D(shop.order(order)["total"])
    assert meta(shop, order, "_pomost_sprzedaz") == invoice.number

    # One mug comes back; the shop's people refund it by its line.
    refund = shop.refund(order, {"KUBEK-1": 1}, reason="Odstąpienie od umowy")
    home.run_until(lambda: home.state_of_return(order, refund) == "done")

    [correction] = of_kind(home, order, "FSK")
    assert correction.gross == -D(shop.refunds(order)[0]["amount"])
    assert correction.correction is not None
    assert correction.correction.reason == "Odstąpienie od umowy"
    assert meta(shop, order, "_pomost_korekta") == correction.number
    assert [one.number for one in of_kind(home, order, "WZK")] == ["WZK/1/2026"]
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 9_999


def test_a_receipt_is_corrected_by_an_entry_in_the_register(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house()
    order = shop.place(lines=[("KUBEK-1", 2)], payment="payu", paid=True, nip="", want_invoice=False)[0]
    home.run_until_state(order, "done")

    refund = shop.refund(order, {"KUBEK-1": 1}, reason="Za mały")
    home.run_until(lambda: home.state_of_return(order, refund) == "done")

    assert home.kinds(order) == ["PA", "WZ", "PAK", "WZK"]
    [register] = of_kind(home, order, "PAK")
    assert register.gross == -D(shop.refunds(order)[0]["amount"])


def test_the_status_refunded_takes_the_whole_order_back_with_its_delivery(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house()
    order = shop.place(
        lines=[("KUBEK-1", 2)],
        payment="payu",
        paid=True,
        shipping="courier",
        fee=("Pakowanie", "5.00"),
        **COMPANY,
    )[0]
    home.run_until_state(order, "done")
    assert gross(shop.order(order), "shipping_lines") > 0

    # In the shop somebody only chooses the status; its refund has no lines.
    shop.set_status(order, "refunded")
    refund = int(shop.refunds(order)[0]["id"])
    assert shop.refunds(order)[0]["line_items"] == []
    home.run_until(lambda: home.state_of_return(order, refund) == "done")

    assert sum((one.gross for one in of_kind(home, order, "FS", "FSK")), D(0)) == 0
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 10_000


def test_goods_refunded_without_the_delivery_leave_the_delivery_on_the_invoice(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house()
    order = shop.place(lines=[("KUBEK-1", 2)], payment="payu", paid=True, shipping="courier", **COMPANY)[0]
    home.run_until_state(order, "done")

    refund = shop.refund(order, {"KUBEK-1": 2})
    home.run_until(lambda: home.state_of_return(order, refund) == "done")

    left = sum((one.gross for one in of_kind(home, order, "FS", "FSK")), D(0))
    assert left == gross(shop.order(order), "shipping_lines") > 0


def test_three_pieces_for_ten_zloty_come_back_one_by_one_and_nothing_is_left(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house()
    order = shop.place(lines=[("KUBEK-1", 3)], payment="payu", paid=False, shipping="none", **COMPANY)[0]
    shop.edit(
        order,
        line_items=[{"id": line_of(shop, order), "quantity": 3, "subtotal": "8.130081", "total": "8.130081"}],
    )
    assert shop.order(order)["total"] == "10.00"
    shop.pay(order)
    home.run_until_state(order, "done")
    [invoice] = of_kind(home, order, "FS")
    assert sorted((line.quantity, line.price) for line in invoice.lines) == [(1, D("3.34")), (2, D("3.33"))]

    for nth in range(3):
        refund = shop.refund(order, {"KUBEK-1": 1})
        home.run_until(lambda wanted=refund: home.state_of_return(order, wanted) == "done")
        corrections = of_kind(home, order, "FSK")
        assert len(corrections) == nth + 1
    assert sum((one.gross for one in corrections), D(0)) == D("-10.00")
    # what the shop's own rounding left over (3 x 3.33) it keeps: one grosz
    assert sum((D(one["amount"]) for one in shop.refunds(order)), D(0)) == D("9.99")


def test_a05_an_ro_made_in_the_erp_goes_to_the_shop_and_comes_back_completed(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    words = {
        "attribute": "DO_SKLEPU",
        "in_progress": "processing",
        "packed": "completed",
        "sent": "",
        "cancelled": "cancelled",
        "ro_field": "_pomost_ro",
        "sale_field": "_pomost_sprzedaz",
        "wz_field": "_pomost_wz",
        "file_field": "",
    }
    home = house(
        flows=[
            {"name": "b2b", "source": "ledger", "channel": "woocommerce", "company": "main", "preset": "b2b-ro-fs-wz",
             "words": words}
        ]
    )  # fmt: skip
    draft = Draft(
        kind="RO",
        company="main",
        key="by-hand-1",
        issued_on=TODAY,
        buyer=Party(company="Hurt sp. z o.o.", tax_id="1234563218"),
        lines=(DraftLine("KUBEK-1", "Kubek", D(3), D("24.60"), VatRate.of("23")),),
        attributes={"DO_SKLEPU": "TAK"},
    )
    ro = home.ledger.issue(draft)

    home.run_until(lambda: len(shop.orders()) == 1)
    order = int(shop.orders()[0]["id"])
    assert D(shop.order(order)["total"]) == ro.gross == D("73.80")
    home.run_until(lambda: meta(shop, order, "_pomost_ro") == ro.number)

    shop.set_status(order, "completed")
    home.run_until(lambda: meta(shop, order, "_pomost_wz") != "")

    [sale] = home.ledger.documents(kind="FS")
    assert (sale.gross, meta(shop, order, "_pomost_sprzedaz")) == (D("73.80"), sale.number)
    assert len(shop.orders()) == 1


def test_money_without_goods_waits_for_a_person_who_is_told_what_it_is(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house()
    order = shop.place(lines=[("KUBEK-1", 2)], payment="payu", paid=True, **COMPANY)[0]
    home.run_until_state(order, "done")

    refund = shop.refund(order, amount="5.00", reason="Rysa na kubku")
    home.run_until(lambda: home.state_of_return(order, refund) == "person")

    line = home.return_line(order, refund)
    assert line.waits["code"] == "woocommerce.refund-money-only"
    assert "5.00" in line.waits["text"]
    assert of_kind(home, order, "FSK") == []


def test_a_refund_that_is_quicker_than_the_invoice_waits_for_it(
    shop: Shop, house: Callable[..., WooHouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pomost.flows.advance.RECHECK_S", 0.2)
    home = house(stocked=False)
    order = shop.place(lines=[("KUBEK-1", 2)], payment="payu", paid=True, **COMPANY)[0]
    refund = shop.refund(order, {"KUBEK-1": 1})

    # The item has no card yet, so nothing was sold.
    def waits_for_the_sale() -> bool:
        found = home.return_line(order, refund)
        return bool(found) and found.waits.get("code") == "flow.return-before-sale"

    home.run_until(waits_for_the_sale)
    stock_up(home.pomost)

    home.run_until(lambda: home.state_of_return(order, refund) == "done")
    # where the correction is quicker than the goods issue, that takes only what is left
    home.run_until_state(order, "done")
    assert home.kinds(order) in (["FS", "WZ", "FSK", "WZK"], ["FS", "FSK", "WZ"])
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 9_999


def test_goods_refunded_before_they_left_do_not_leave(
    shop: Shop, house: Callable[..., WooHouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The invoice is made at once, the goods leave when the order is completed."""
    monkeypatch.setattr("pomost.flows.advance.RECHECK_S", 0.2)
    steps = [SALE["step"][0], {**SALE["step"][1], "when": 'order.status == "completed"'}]
    home = house(flows=[{**SALE, "step": steps}, RETURNS])
    order = shop.place(lines=[("KUBEK-1", 2)], payment="payu", paid=True, **COMPANY)[0]
    home.run_until(lambda: home.kinds(order) == ["FS"])
    refund = shop.refund(order, {"KUBEK-1": 1})
    home.run_until(lambda: home.state_of_return(order, refund) == "done")
    assert home.kinds(order) == ["FS", "FSK"]

    shop.set_status(order, "completed")
    home.run_until_state(order, "done")

    assert home.kinds(order) == ["FS", "FSK", "WZ"]
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 9_999


def test_a05_a_lost_answer_places_no_second_order(shop: Shop, house: Callable[..., WooHouse]) -> None:
    """The shop made the order, and its answer was cut off; and once more, with the connection cut before."""
    place = {"id": "place", "place": "channel", "status": "processing"}
    flow = {"name": "b2b", "source": "ledger", "channel": "woocommerce", "company": "main", "step": [place]}
    home = house(flows=[flow])
    shop.misbehave("cut-after", path="/wc/v3/orders", method="POST")
    ro = home.ledger.issue(
        Draft(
            kind="RO",
            company="main",
            key="by-hand-1",
            issued_on=TODAY,
            buyer=Party(company="Hurt sp. z o.o.", tax_id="1234563218"),
            lines=(DraftLine("KUBEK-1", "Kubek", D(3), D("24.60"), VatRate.of("23")),),
        )
    )

    home.run_until(lambda: home.state(int(ro.id)) == "done")

    assert len(shop.orders()) == 1


def test_a_refund_that_is_deleted_after_its_correction_is_for_a_person(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house()
    order = shop.place(lines=[("KUBEK-1", 2)], payment="payu", paid=True, **COMPANY)[0]
    home.run_until_state(order, "done")
    refund = shop.refund(order, {"KUBEK-1": 1})
    home.run_until(lambda: home.state_of_return(order, refund) == "done")

    home.pomost.channels["woocommerce"].client.delete(f"orders/{order}/refunds/{refund}")  # type: ignore[attr-defined]
    home.run_until(lambda: home.state_of_return(order, refund) == "person")

    assert home.return_line(order, refund).waits["code"] == "flow.gone-after-documents"
    assert len(of_kind(home, order, "FSK")) == 1


def faults(home: WooHouse) -> list[str]:
    return [one.split(":", 1)[0] for one in home.pomost.channels["woocommerce"].report().faults]


def test_b03_a_bank_transfer_is_not_invoiced_before_a_person_said_that_the_money_is_there(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    """The flow invoices at once whatever the shop says is paid."""
    home = house()

    # An order by transfer; somebody in the shop takes it for paid. Another is paid through an operator.
    transfer = shop.place(lines=[("KUBEK-1", 1)], payment="bacs")[0]
    shop.set_status(transfer, "processing")
    paid = shop.place(lines=[("KUBEK-1", 1)], payment="payu", paid=True)[0]
    home.run_until_state(paid, "done")
    home.run_until_state(transfer, "person")

    line = home.line(transfer)
    assert (line.waits["code"], line.waits["step"]) == ("flow.unconfirmed-payment", "payment")
    assert home.documents(transfer) == []

    # The connection is shown as faulty, and why.
    [found] = [one for one in connections(home.pomost, home.pomost.work.now()) if one.name == "woocommerce"]
    assert found.condition == "trouble"
    assert any("(bacs)" in one for one in found.passed_over.warnings)

    # Once a person has seen the money, the order goes its way.
    skip_step(home.pomost, line.id, "payment", "ksiegowa")
    home.pomost.wake([line.id])
    home.run_until_state(transfer, "done")
    assert home.kinds(transfer) == ["PA", "WZ"]


def test_b03_the_check_names_what_the_shop_offers_and_is_quiet_once_it_is_switched_off(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    home = house()
    [problem] = check(home.pomost.config, online=True)
    assert (problem.code, "(bacs)" in problem.text) == ("woocommerce.unconfirmed-payment", True)

    shop.enable_gateway("bacs", False)
    assert check(home.pomost.config, online=True) == []

    # It is looked at again with each comparison, so that a change in the shop is seen.
    home.run_until(lambda: home.pomost.channels["woocommerce"].report().at is not None)
    home.run_until(lambda: faults(home) == [])
    shop.enable_gateway("cheque")
    home.run_until(lambda: faults(home) != [])


def test_b03_may_be_switched_off_by_the_flow(shop: Shop, house: Callable[..., WooHouse]) -> None:
    home = house(flows=[{**SALE, "rules": {"unconfirmed_payment": "sell"}}])
    transfer = shop.place(lines=[("KUBEK-1", 1)], payment="bacs")[0]
    shop.set_status(transfer, "processing")

    home.run_until_state(transfer, "done")

    assert faults(home) == []


def test_b03_a_flow_that_reserves_first_takes_transfers(shop: Shop, house: Callable[..., WooHouse]) -> None:
    steps = [
        {"id": "ro", "issue": "RO"},
        {"id": "sale", "issue": "FS/PA", "source": ["ro"], "when": 'order.status == "completed"'},
    ]
    home = house(flows=[{**SALE, "take": 'order.status == "on-hold"', "step": steps}])
    transfer = shop.place(lines=[("KUBEK-1", 1)], payment="bacs")[0]

    home.run_until(lambda: home.kinds(transfer) == ["RO"])
    shop.set_status(transfer, "completed")
    home.run_until_state(transfer, "done")

    assert home.kinds(transfer) == ["RO", "PA"]


def test_a_flow_that_sends_a_file_to_a_shop_is_refused_before_it_runs(
    shop: Shop, house: Callable[..., WooHouse]
) -> None:
    sending = {**RETURNS, "words": {**RETURNS["words"], "file_field": "Korekta PDF"}}
    with pytest.raises(NeedsPerson, match="can't do file-field"):
        house(flows=[SALE, sending])
    config = woo_config(Path("unused"), shop, flows=[SALE, sending])
    assert [one.code for one in check(config)] == ["flow.channel-cant"]

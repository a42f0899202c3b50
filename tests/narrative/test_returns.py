"""Returns and exchanges, as an accountant would tell them."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from pomost.flows.dry_run import dry_run
from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import Document, Draft, DraftLine
from pomost.trade.order import Party
from pomost.trade.vat import VatRate
from tests.house import TODAY, House

D = Decimal
MUGS = [{"sku": "KUBEK-1", "quantity": 2}]
SALE = {"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fs-wz-at-once"}
RETURNS = {"name": "zwroty", "source": "baselinker", "company": "main", "preset": "returns"}


@pytest.fixture
def home(house: Callable[..., House]) -> Callable[..., House]:
    """Makes a house with a flow of sales and one of returns; ``returns``: what the second one has besides."""

    def build(warehouses: Any = (), **returns: Any) -> House:
        return house(
            flows=[SALE, {**RETURNS, **returns}], baselinker={"returns_s": 0.1}, warehouses=warehouses
        )

    return build


def line_of(shop: Sandbox, order: int, nth: int = 0) -> int:
    return int(shop.order(order)["products"][nth]["order_product_id"])


def send_back(
    shop: Sandbox, order: int, quantity: int = 1, *, accepted: bool = True, reason: int = 1002
) -> int:
    """The buyer announces a return of the first line; staff accept it once the parcel is there."""
    found = shop.return_goods(order, {line_of(shop, order): quantity})
    line = shop.returns(order)[-1]["products"][0]["order_return_product_id"]
    call(
        shop,
        "setOrderReturnProductFields",
        return_id=found,
        order_return_product_id=line,
        return_reason_id=reason,
    )
    if accepted:
        accept(shop, found)
    return found


def call(shop: Sandbox, method: str, **parameters: Any) -> Any:
    """What staff do in the panel of BaseLinker, through its API."""
    form = {"method": method, "parameters": json.dumps(parameters)}
    answer = httpx2.post(shop.url, headers={"X-BLToken": shop.token}, data=form).json()
    assert answer["status"] == "SUCCESS", answer
    return answer


def accept(shop: Sandbox, found: int) -> None:
    call(shop, "setOrderReturnStatus", return_id=found, status_id=31002)


def of_kind(home: House, order: int, *kinds: str) -> list[Document]:
    return [document for document in home.documents(order) if document.kind in kinds]


def test_a19_one_of_two_mugs_comes_back_and_the_invoice_is_corrected(
    shop: Sandbox, home: Callable[..., House]
) -> None:
    house = home()

    # A company bought two mugs at 26.00 with delivery at 14.99, paid, and they were sent.
    order = shop.place(lines=MUGS, nip="123-456-32-18", paid=True, delivery_price="14.99")[0]
    house.run_until_state(order, "done")
    assert house.kinds(order) == ["RO", "FS", "WZ"]

    # One comes back; the buyer withdrew from the contract.
    found = send_back(shop, order)
    house.run_until_state(found, "done")

    # The correction says what was before and after, why, and what it corrects; 26.00 are to be paid back. Its tax is
    # that of 66.99 less that of 40.99: together they are what an invoice over one mug would be.
    [invoice] = of_kind(house, order, "FS")
    [correction] = of_kind(house, order, "FSK")
    assert correction.correction is not None
    assert (correction.number, correction.correction.of_number) == ("FSK/1/2026", invoice.number)
    assert correction.correction.reason == "Odstąpienie od umowy"
    [row] = correction.vat_rows
    assert (row.vat.code, row.net, row.tax, row.gross) == ("23", D("-21.13"), D("-4.87"), D("-26.00"))
    [line] = correction.correction.lines
    assert (line.before.quantity, line.after.quantity) == (2, 1)
    assert (line.before.value, line.after.value) == (D("52.00"), D("26.00"))
    assert correction.correction.refund == D("26.00")
    settlement = house.ledger.settlement("main", invoice.key)
    assert (settlement.owed, settlement.paid, settlement.refund) == (D("40.99"), D("66.99"), D("26.00"))

    # The mug is back in the warehouse at what it cost; the number and the PDF stand on the order.
    stock = house.ledger.stock("main", "KUBEK-1")["MAG"]
    assert (stock.quantity, stock.value) == (9_999, D("49995.00"))
    assert of_kind(house, order, "WZK")[0].number == "WZK/1/2026"
    assert shop.order(order)["custom_extra_fields"]["51021"] == "FSK/1/2026"
    assert (shop.file(order, "Korekta PDF") or b"").startswith(b"%PDF")
    assert status(shop, order) == [31003]


def status(shop: Sandbox, order: int) -> list[int]:
    """The statuses of the returns of an order."""
    return [one["status_id"] for one in shop.returns(order)]


def test_a19_a_receipt_is_not_corrected_but_its_return_is_kept_in_the_register(
    shop: Sandbox, home: Callable[..., House]
) -> None:
    house = home()
    order = shop.place(lines=MUGS, nip="", want_invoice=False, paid=True, delivery_price="14.99")[0]
    house.run_until_state(order, "done")

    # Both mugs come back: the buyer is owed the delivery as well.
    found = send_back(shop, order, 2)
    house.run_until_state(found, "done")

    [receipt] = of_kind(house, order, "PA")
    [entry, delivery] = house.ledger.returns_register("main", TODAY, TODAY)
    assert (entry.receipt, entry.number, entry.protocol) == (receipt.number, "PAK/1/2026", f"Zwrot {found}")
    assert (entry.quantity, entry.gross, entry.whole) == (2, D("52.00"), True)
    assert (delivery.name, delivery.gross) == ("Koszt dostawy: Kurier DPD", D("14.99"))
    assert house.ledger.settlement("main", receipt.key).refund == D("66.99")
    assert of_kind(house, order, "FSK") == []
    assert house.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 10_000


def test_a19_what_comes_back_bit_by_bit_is_never_corrected_twice(
    shop: Sandbox, home: Callable[..., House]
) -> None:
    house = home()
    order = shop.place(lines=MUGS, nip="123-456-32-18", paid=True)[0]
    house.run_until_state(order, "done")

    first, second = send_back(shop, order), send_back(shop, order)
    for found in (first, second):
        house.run_until_state(found, "done")

    assert sum(one.gross for one in of_kind(house, order, "FS", "FSK")) == 0
    assert len(of_kind(house, order, "FSK")) == len(of_kind(house, order, "WZK")) == 2

    # A third mug was never sold: somebody has to look.
    third = send_back(shop, order)
    house.run_until_state(third, "person")
    assert house.waits(third)["code"] == "trade.return-more-than-left"
    assert len(of_kind(house, order, "FSK")) == 2


def test_a19_a_return_over_two_invoices_corrects_both_oldest_first(
    shop: Sandbox, home: Callable[..., House]
) -> None:
    house = home()
    # The order is not for Pomost's flow: one mug was invoiced and sent by hand, two more later.
    mugs = [{"sku": "KUBEK-1", "quantity": 3}]
    order = shop.place(lines=mugs, nip="123-456-32-18", paid=True, status="Do wyjaśnienia")[0]
    line = str(line_of(shop, order))
    for key, quantity in (("by-hand-1", 1), ("by-hand-2", 2)):
        house.ledger.issue(
            Draft(
                kind="FS",
                company="main",
                key=key,
                issued_on=TODAY,
                buyer=Party(company="Przykład sp. z o.o.", tax_id="1234563218"),
                lines=(
                    DraftLine("KUBEK-1", "Kubek", D(quantity), D("26.00"), VatRate.of("23"), order_line=line),
                ),
                foreign_number=str(order),
                moves_stock=True,
            )
        )

    found = send_back(shop, order, 2)
    house.run_until_state(found, "done")

    corrections = of_kind(house, order, "FSK")
    assert [(one.correction.of_number, one.gross) for one in corrections if one.correction] == [
        ("FS/1/2026", D("-26.00")),
        ("FS/2/2026", D("-26.00")),
    ]
    assert shop.order(order)["custom_extra_fields"]["51021"] == "FSK/1/2026, FSK/2/2026"
    assert house.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 9_999


def test_a19_damaged_goods_go_where_damaged_goods_are_kept(shop: Sandbox, home: Callable[..., House]) -> None:
    warehouses = [{"code": code, "company": "main"} for code in ("MAG", "USZK")]
    house = home(warehouses=warehouses, rules={"damaged_warehouse": "USZK"})
    order = shop.place(lines=MUGS, nip="123-456-32-18", paid=True)[0]
    house.run_until_state(order, "done")

    found = send_back(shop, order, reason=1003)
    house.run_until_state(found, "done")

    stock = house.ledger.stock("main", "KUBEK-1")
    assert (stock["MAG"].quantity, stock["USZK"].quantity) == (9_998, 1)


def test_a19_a_return_waits_until_the_goods_are_there(shop: Sandbox, home: Callable[..., House]) -> None:
    house = home()
    order = shop.place(lines=MUGS, nip="123-456-32-18", paid=True)[0]
    house.run_until_state(order, "done")

    found = send_back(shop, order, accepted=False)
    house.run_until_state(found, "waiting")
    assert house.waits(found)["code"] == "flow.not-taken"
    assert of_kind(house, order, "FSK") == []

    accept(shop, found)
    house.run_until_state(found, "done")
    assert len(of_kind(house, order, "FSK")) == 1


def test_a19_a_return_of_an_order_that_was_never_sold_waits_for_a_person(
    shop: Sandbox, home: Callable[..., House]
) -> None:
    house = home()
    order = shop.place(lines=MUGS, status="Do wyjaśnienia", paid=True)[0]

    found = send_back(shop, order)
    house.run_until_state(found, "person")

    assert house.waits(found)["code"] == "flow.return-order-unknown"


def test_a19_a_return_without_an_order_waits_for_a_person(shop: Sandbox, home: Callable[..., House]) -> None:
    house = home()
    line = {"name": "Kubek", "sku": "KUBEK-1", "price_brutto": 26, "tax_rate": 23, "quantity": 1}
    found = call(
        shop,
        "addOrderReturn",
        status_id=31002,
        date_add=1764000000,
        currency="PLN",
        products=[line],
        refunded=False,
    )["return_id"]
    house.run_until_state(found, "person")

    assert house.waits(found)["code"] == "flow.return-without-order"


def test_a19_the_dry_run_says_what_would_be_corrected(shop: Sandbox, home: Callable[..., House]) -> None:
    house = home()
    order = shop.place(lines=MUGS, nip="123-456-32-18", paid=True)[0]
    house.run_until_state(order, "done")
    house.pomost.stop()
    send_back(shop, order)
    [looker] = [one for one in house.pomost.lookers if one.watched.kind == "return"]

    [(case, steps)] = list(looker.preview(10))
    found = dry_run(house.pomost.flows["zwroty"], case, steps, house.ledger)

    assert [(line.step, line.act) for line in found.lines] == [
        ("correction", "FSK to FS/1/2026 over -26.00 PLN"),
        ("goods", "WZK to WZ/1/2026 over -26.00 PLN"),
        ("back", 'Numer korekty := FSK/PAK/?; PDF -> Korekta PDF; status "Zwrot środków"'),
    ]
    assert of_kind(house, order, "FSK") == []


def test_a11_a_faulty_mug_is_exchanged_and_the_sale_stays(shop: Sandbox, home: Callable[..., House]) -> None:
    warehouses = [{"code": code, "company": "main"} for code in ("MAG", "USZK")]
    house = home(preset="exchange", warehouses=warehouses, rules={"damaged_warehouse": "USZK"})
    order = shop.place(lines=MUGS, nip="123-456-32-18", paid=True)[0]
    house.run_until_state(order, "done")

    found = send_back(shop, order, reason=1003, accepted=False)
    call(shop, "setOrderReturnStatus", return_id=found, status_id=31006)
    house.run_until_state(found, "done")

    # The faulty one came in at what it had cost, a new one went out; nothing was corrected, nothing is owed.
    [received], [issued] = of_kind(house, order, "PW"), of_kind(house, order, "RW")
    assert (received.warehouse, received.net, issued.warehouse) == ("USZK", D("5.00"), "MAG")
    assert of_kind(house, order, "FSK", "WZK") == []
    stock = house.ledger.stock("main", "KUBEK-1")
    assert (stock["MAG"].quantity, stock["USZK"].quantity, stock["USZK"].value) == (9_997, 1, D("5.00"))
    assert shop.order(order)["custom_extra_fields"]["51021"] == f"{received.number}, {issued.number}"
    assert status(shop, order) == [31004]


def test_a11_in_the_flow_of_exchanges_other_returns_are_corrected(
    shop: Sandbox, home: Callable[..., House]
) -> None:
    house = home(preset="exchange")
    order = shop.place(lines=MUGS, nip="123-456-32-18", paid=True)[0]
    house.run_until_state(order, "done")

    found = send_back(shop, order)
    house.run_until_state(found, "done")

    assert [one.kind for one in house.documents(order)] == ["RO", "FS", "WZ", "FSK", "WZK"]
    assert status(shop, order) == [31003]


def test_a11_an_order_in_a_status_of_its_own_becomes_an_rw(
    shop: Sandbox, house: Callable[..., House]
) -> None:
    step = {"id": "rw", "issue": "RW", "when": 'order.status == "Zwrot"'}
    home = house(flow={"preset": "", "step": [step]})
    order = shop.place(lines=MUGS, status="Zwrot")[0]

    home.run_until_state(order, "done")

    [issued] = home.documents(order)
    assert (issued.kind, issued.gross) == ("RW", 0)
    assert home.ledger.stock("main", "KUBEK-1")["MAG"].quantity == 9_998

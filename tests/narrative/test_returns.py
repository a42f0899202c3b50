"""Returns and exchanges, as an accountant would tell them."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from pomost.sandbox.baselinker import Sandbox
from pomost.trade.documents import Document
from tests.house import House

D = Decimal
MUGS = [{"sku": "KUBEK-1", "quantity": 2}]
SALE = {"name": "sklep", "source": "baselinker", "company": "main", "preset": "ro-fs-wz-at-once"}
RETURNS = {"name": "zwroty", "source": "baselinker", "company": "main", "preset": "returns"}


@pytest.fixture
def home(house: Callable[..., House]) -> Callable[..., House]:
    """Makes a house with a flow of sales and one of returns; ``returns``: what the second one has besides."""

    def build(**returns: Any) -> House:
        return house(flows=[SALE, {**RETURNS, **returns}], baselinker={"returns_s": 0.1})

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
    assert [one["status_id"] for one in shop.returns(order)] == [31003]


"""Receipts from the order to the fiscal memory, as an accountant would tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pomost.flows.dry_run import dry_run
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.posnet import Emulator
from tests.edges import fiscal_printer, posnet
from tests.house import House

D = Decimal
MUGS = [{"sku": "KUBEK-1", "quantity": 2}]


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[Emulator]:
    with fiscal_printer(tmp_path) as emulator:
        yield emulator


@pytest.fixture
def home(printer: Emulator, house: Callable[..., House]) -> Callable[..., House]:
    """A house whose flow prints on the emulator; ``wanted``: rules, flow ..."""

    def build(**wanted: Any) -> House:
        device = wanted.pop("device", {})
        flow = {"preset": "ro-pa-fiscal-wz", **wanted.pop("flow", {})}
        return house(flow=flow, posnet=[posnet(printer, **device)], **wanted)

    return build


def packed(shop: Sandbox, home: House, **wanted: Any) -> int:
    """An order that a buyer placed, that became an RO, and that staff have packed."""
    order: int = shop.place(**{"lines": MUGS, "nip": "", "paid": True, "delivery_price": "14.99", **wanted})[0]
    home.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    shop.move(order, "Spakowane")
    return order


def receipt_of(home: House, order: int) -> Any:
    return next(one for one in home.documents(order) if one.kind == "PA")


def test_a14_a_packed_order_gets_its_receipt_and_the_number_goes_everywhere(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home()

    order = packed(shop, house)
    house.run_until_state(order, "done")

    # One receipt is in the fiscal memory: two mugs at 26.00 and the delivery, 66.99 together.
    [printed] = printer.receipts()
    assert (printed.total, printed.report, printed.number) == (6699, 0, 1)
    assert [line["name"] for line in printed.lines] == ["Kubek ceramiczny 330 ml biały KUBEK-1", "Koszt dostawy TRANSPORT 23%"]

    # The PA in the books carries the fiscal number and that of the printer; its own number is still the ledger's.
    document = receipt_of(house, order)
    assert document.number == "PA/1/2026"
    assert document.attributes["FISCAL_NUMBER"] == "1/1"
    assert document.attributes["FISCAL_PRINTER"] == "ZBF 2101000001"
    assert document.attributes["FISCAL_DATE"]

    # The goods went out after it, and the fiscal number stands on the order beside the numbers of the documents.
    assert house.kinds(order) == ["RO", "PA", "WZ"]
    assert shop.order(order)["extra_field_1"] == "1/1"
    assert shop.order(order)["status"] == "Wysłane"

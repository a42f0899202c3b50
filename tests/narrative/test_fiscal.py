"""Receipts from the order to the fiscal memory, as an accountant would tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pomost.cli.decisions import resolve_step
from pomost.flows.dry_run import dry_run
from pomost.ledger import receive_draft
from pomost.sandbox.baselinker import Sandbox
from pomost.sandbox.baselinker.catalogue import as_dicts
from pomost.sandbox.posnet import Emulator
from tests.edges import fiscal_printer, posnet
from tests.house import TODAY, House
from tests.sandbox.posnet.wire import Wire

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
    order: int = shop.place(**{"lines": MUGS, "nip": "", "paid": True, "delivery_price": "14.99", **wanted})[
        0
    ]
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
    goods, delivery = (line["name"] for line in printed.lines)
    assert goods.endswith(" KUBEK-1")
    assert delivery.endswith(" TRANSPORT 23%"), "sold at several rates: its name says which"

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


OWN_RECEIPT = {"own_receipt": "fiscal", "own_document": "auto", "receipt_series": "61002"}
"""Words by which the preset writes to BaseLinker's own documents too."""


def test_a14_by_choice_the_number_and_the_pdf_stand_on_baselinkers_own_receipt(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home(flow={"words": OWN_RECEIPT})

    order = packed(shop, house)
    house.run_until_state(order, "done")

    # BaseLinker has one receipt for the order: printed, with the number of the fiscal memory, its moment and its printer.
    [own] = shop.receipts(order)
    document = receipt_of(house, order)
    assert (own["receipt_full_nr"], own["printer"]) == ("1/1", "ZBF 2101000001")
    assert own["printed_at"] == datetime.fromisoformat(document.attributes["FISCAL_DATE"]).timestamp()
    assert own["printed"], "no other printer finds it waiting"

    # The PDF of the PA hangs on it under the number of the books, and still in the field of the order.
    assert own["external_receipt_number"] == document.number == "PA/1/2026"
    assert shop.receipt_file(own["receipt_id"]) == shop.file(order, "Dokument PDF")
    assert shop.order(order)["extra_field_1"] == "1/1"
    assert shop.order(order)["status"] == "Wysłane"


def test_by_the_same_choice_an_invoice_stands_on_baselinkers_own_invoice_and_no_receipt_is_made(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home(flow={"words": OWN_RECEIPT | {"invoice_series": "Faktury"}})

    order = packed(shop, house, nip="123-456-32-18")
    house.run_until_state(order, "done")

    assert shop.receipts(order) == []
    assert [one["external_invoice_number"] for one in shop.invoices(order)] == ["FS/1/2026"]


@pytest.mark.parametrize("lost", ["addReceipt", "setOrderReceipt", "addOrderReceiptFile"])
def test_whatever_baselinker_does_not_answer_its_receipt_is_one(
    lost: str, shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home(flow={"words": OWN_RECEIPT})
    shop.misbehave("cut-after", lost)

    order = packed(shop, house)
    house.run_until_state(order, "done")

    assert [(one["receipt_full_nr"], one["external_receipt_number"]) for one in shop.receipts(order)] == [
        ("1/1", "PA/1/2026")
    ]
    assert len(printer.receipts()) == 1


def test_an_order_whose_receipt_another_printer_printed_waits_for_a_person(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    """Both printers were set to the same orders: nobody may take the second sale for the first."""
    house = home(flow={"words": OWN_RECEIPT})
    client = house.pomost.lookers[0].watched.source.client
    order = shop.place(lines=MUGS, nip="", paid=True)[0]
    house.run_until(lambda: shop.order(order)["status"] == "W realizacji")
    own = client.add_receipt(order)
    client.set_order_receipt(own, "900/1", 1, printer="inna")

    shop.move(order, "Spakowane")
    house.run_until_state(order, "person")

    assert house.waits(order)["code"] == "baselinker.receipt-printed"
    assert [one["receipt_full_nr"] for one in shop.receipts(order)] == ["900/1"]


def test_an_invoice_is_not_printed_and_the_order_goes_on(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home()

    order = packed(shop, house, nip="123-456-32-18")
    house.run_until_state(order, "done")

    assert house.kinds(order) == ["RO", "FS", "WZ"]
    assert printer.receipts() == []
    assert shop.order(order)["extra_field_1"] == ""


def test_a_discount_lowers_the_lines_of_the_receipt(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home()
    lines = [*MUGS, {"name": "Rabat", "price_brutto": -5.0, "quantity": 1, "tax_rate": 23}]

    order = packed(shop, house, lines=lines)
    house.run_until_state(order, "done")

    [printed] = printer.receipts()
    assert printed.total == 6199 == receipt_of(house, order).gross * 100
    assert len(printed.lines) == 2


def test_without_paper_a_person_is_asked_and_the_receipt_printed_once(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home()
    printer.take_paper()

    order = packed(shop, house)
    house.run_until_state(order, "person")
    assert house.waits(order)["code"] == "posnet.no-paper"
    assert "WZ" not in house.kinds(order), "nothing leaves before its receipt"

    printer.put_paper_in()
    house.pomost.wake([house.line(order).id])
    house.run_until_state(order, "done")
    assert len(printer.receipts()) == 1


@pytest.mark.parametrize(
    ("fault", "command"),
    [
        ("answer-lost", "trend"),
        ("answer-withheld", "trend"),
        ("command-lost", "trend"),
        ("command-lost", "trline"),
        ("answer-lost", "trline"),
        ("busy", "trinit"),
    ],
)
def test_whatever_is_lost_on_the_way_the_receipt_is_printed_once(
    fault: str, command: str, shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home()
    printer.faults.add(fault, command)

    order = packed(shop, house)
    house.run_until_state(order, "done", 60)

    [printed] = printer.receipts()
    assert printed.total == 6699
    assert receipt_of(house, order).attributes["FISCAL_NUMBER"] == f"{printed.report + 1}/{printed.number}"


def test_paper_that_ends_in_the_middle_is_waited_for_and_the_receipt_found(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home(engine={"attempts": 50})
    printer.faults.add("no-paper", "trend")

    order = packed(shop, house)
    house.run_until(lambda: house.waits(order).get("code") == "posnet.cannot-ask", 60)
    printer.put_paper_in()
    house.run_until_state(order, "done", 60)

    assert len(printer.receipts()) == 1


def test_many_orders_at_one_printer_get_one_receipt_each_and_nobody_waits_for_a_stale_mark(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home(engine={"workers": 8})
    orders = shop.place(6, lines=MUGS, nip="", paid=True, status="Spakowane")

    house.run_until(lambda: all(house.state(order) == "done" for order in orders), 60)

    numbers = [receipt_of(house, order).attributes["FISCAL_NUMBER"] for order in orders]
    assert len(set(numbers)) == 6 == len(printer.receipts())
    assert printer.cancelled() == 0
    store = house.pomost.store
    assert not any(
        event.data.get("code") == "posnet.stale-mark"
        for order in orders
        for event in store.steps.history(house.line(order).id)
    )


def test_what_the_printer_cannot_tell_stops_in_doubt_and_a_person_decides(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    """The answer to the end of the receipt is lost, the printer can't be asked, and meanwhile somebody else sells there."""
    house = home(engine={"attempts": 100})
    printer.faults.add("answer-lost", "trend")
    printer.on_command = lambda command: (
        printer.faults.add("command-lost", "sdev", 1000) if command == "trend" else None
    )

    order = packed(shop, house)
    house.run_until(lambda: house.waits(order).get("code") == "posnet.cannot-ask", 60)
    printer.on_command = lambda command: None
    printer.printer.forget_answers()
    with Wire(printer.second_port) as wire:
        assert wire.sell(("Inny towar", 0, 500)) == 0
    printer.faults.clear()
    house.run_until_state(order, "doubt", 60)

    assert [one.total for one in printer.receipts()] == [6699, 500]
    assert house.waits(order)["code"] == "posnet.receipt-in-doubt"
    assert "WZ" not in house.kinds(order)

    # Somebody finds receipt 1 on the roll and says so; its number goes to the books and to the order.
    resolve_step(house.pomost, house.line(order), "fiscal", True, "1/1", "ola")
    house.run_until_state(order, "done")
    assert receipt_of(house, order).attributes["FISCAL_NUMBER"] == "1/1"
    assert shop.order(order)["extra_field_1"] == "1/1"
    assert len(printer.receipts()) == 2, "nothing was printed again"


def test_a_cancelled_order_whose_receipt_is_printed_needs_a_return(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    back = {"id": "undo", "cancel": ["ro", "sale", "wz"]}
    house = home(flow={"step": [back]})

    order = packed(shop, house)
    house.run_until_state(order, "done")
    shop.cancel(order)
    house.run_until_state(order, "person")

    assert house.waits(order)["code"] == "flow.cannot-undo"
    assert "make a return (PAK) of all of PA/1/2026" in house.waits(order)["advice"]
    assert {one.state for one in house.documents(order)} == {"approved"}
    assert len(printer.receipts()) == 1


def test_a_printer_of_another_company_is_never_used(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home(device={"company": "hurt"})

    order = packed(shop, house)
    house.run_until_state(order, "person")

    assert house.waits(order)["code"] == "fiscal.other-company"
    assert printer.receipts() == []


def test_the_dry_run_says_what_would_be_printed_where(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    house = home()
    order = shop.place(lines=MUGS, nip="", paid=True, status="Spakowane")[0]

    [looker] = house.pomost.lookers
    [(case, steps)] = [one for one in looker.preview(10) if one[0].external_id == str(order)]
    found = dry_run(house.pomost.flows["sklep"], case, steps, house.ledger)

    acts = {line.step: line.act for line in found.lines}
    assert acts["fiscal"] == "print PA/? on posnet"
    assert "extra_field_1 := ?/?" in acts["sale-back"]
    assert printer.commands == []


def test_a_buyer_with_an_address_gets_an_e_receipt_and_a_copy_by_link(
    shop: Sandbox, printer: Emulator, home: Callable[..., House], tmp_path: Path
) -> None:
    link_back = {
        "id": "link-back",
        "after": ["fiscal"],
        "write": {"fields": {"Numer MM": "{fiscal.link}"}},
    }
    house = home(
        device={
            "e_document": {"link": "https://operator.example.com/{ha}"},
            "copies": {"folder": str(tmp_path / "copies"), "base_url": "https://sklep.example.com/paragony"},
        },
        flow={"words": OWN_RECEIPT, "step": [link_back]},
    )

    order = packed(shop, house, email="jan@example.com")
    house.run_until_state(order, "done")

    [printed] = printer.receipts()
    assert printed.e_document
    link = receipt_of(house, order).attributes["FISCAL_LINK"]
    assert link.startswith("https://sklep.example.com/paragony/")
    # The link goes to a field of the order, the number to BaseLinker's own receipt.
    assert shop.order(order)["custom_extra_fields"]["51013"] == link
    assert [one["receipt_full_nr"] for one in shop.receipts(order)] == ["1/1"]
    assert (tmp_path / "copies" / link.rpartition("/")[2]).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(("nip", "receipts"), [("", 1), ("123-456-32-18", 0)])
def test_by_rule_the_invoice_of_a_consumer_is_printed_too(
    nip: str, receipts: int, shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    step = {"id": "fiscal", "fiscalise": "sale", "printer": "posnet", "invoices": "consumers"}
    house = home(rules={"sale": "always-fs"}, flow={"step": [step]})

    order = packed(shop, house, nip=nip)
    house.run_until_state(order, "done")

    assert house.kinds(order) == ["RO", "FS", "WZ"]
    assert len(printer.receipts()) == receipts


def test_each_part_of_a_sale_that_came_in_parts_has_its_receipt(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    """Nine mugs are ordered and four are in stock; the rest comes later."""
    sale = {"id": "sale", "issue": "PA", "source": ["ro"], "partial": "available", "moves_stock": True}
    fiscal = {"id": "fiscal", "fiscalise": "sale", "printer": "posnet"}
    back = {"id": "back", "write": {"fields": {"Numer FS/PA": "{fiscal.receipt}"}}}
    flow = {
        "preset": "",
        "take": 'order.status == "Nowe zamówienia"',
        "step": [{"id": "ro", "issue": "RO"}, sale, fiscal, back],
    }
    house = home(flow=flow, stocked=False)
    house.ledger.setup.add_items("main", as_dicts())
    goods = {"KUBEK-1": (Decimal(4), Decimal("5.00"))}
    house.ledger.issue(receive_draft("main", "MAG", "first", TODAY, goods))

    order = shop.place(lines=[{"sku": "KUBEK-1", "quantity": 9}], nip="", paid=True)[0]
    house.run_until_state(order, "waiting")
    goods = {"KUBEK-1": (Decimal(5), Decimal("5.00"))}
    house.ledger.issue(receive_draft("main", "MAG", "second", TODAY, goods))
    house.run_until_state(order, "done")

    sales = [one for one in house.documents(order) if one.kind == "PA"]
    assert len(sales) == 2
    assert [one.total for one in printer.receipts()] == [one.gross * 100 for one in sales]
    assert [one.attributes["FISCAL_NUMBER"] for one in sales] == ["1/1", "1/2"]
    assert shop.order(order)["custom_extra_fields"]["51002"] == "1/1, 1/2"


def test_an_order_cancelled_while_nobody_knows_of_its_receipt_is_asked_for_at_the_printer_first(
    shop: Sandbox, printer: Emulator, home: Callable[..., House]
) -> None:
    undo = {"id": "undo", "cancel": ["ro", "sale", "wz"]}
    house = home(flow={"step": [undo]}, engine={"attempts": 100})
    printer.faults.add("answer-lost", "trend")
    printer.on_command = lambda command: (
        printer.faults.add("command-lost", "sdev", 1000) if command == "trend" else None
    )
    order = packed(shop, house)
    house.run_until(lambda: house.waits(order).get("code") == "posnet.cannot-ask", 60)

    shop.cancel(order)
    house.run_until(lambda: house.line(order).status == "Anulowane")
    printer.on_command = lambda command: None
    printer.faults.clear()
    house.run_until_state(order, "person", 60)

    # It was printed: the books say so, and the sale is taken back by a return, not by cancelling.
    assert len(printer.receipts()) == 1
    assert receipt_of(house, order).attributes["FISCAL_NUMBER"] == "1/1"
    assert house.waits(order)["code"] == "flow.cannot-undo"
    assert "only a return (PAK) takes back" in house.waits(order)["text"]

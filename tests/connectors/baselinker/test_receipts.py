"""BaseLinker's own receipt: the fiscal number and the PDF get there once, whatever is lost and whoever made the receipt."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from pomost.connectors.baselinker import BaseLinkerChannel
from pomost.ports import FileToSend, FiscalNumber, InDoubt, NeedsPerson, WriteBack
from pomost.sandbox.baselinker import Sandbox

PDF = b"%PDF-1.7\n" + bytes(range(256))
PRINTED_AT = datetime(2026, 11, 25, 10, 15, tzinfo=UTC)
NUMBER = FiscalNumber("218/45", PRINTED_AT, "ZBF 2101000001")


@pytest.fixture
def order_id(sandbox: Sandbox) -> int:
    return sandbox.place(1)[0]


def numbered(order_id: int, number: FiscalNumber = NUMBER) -> WriteBack:
    return WriteBack(str(order_id), "k", fiscal=number, receipt_series="61002")


def with_file(order_id: int) -> WriteBack:
    file = FileToSend("PA.pdf", PDF, "PA/1/2026")
    return WriteBack(
        str(order_id), "k", file=file, document_file="receipt", fiscal=NUMBER, receipt_series="61002"
    )


def assert_ours(sandbox: Sandbox, order_id: int) -> int:
    (made,) = sandbox.receipts(order_id)
    assert (made["receipt_full_nr"], made["printed"], made["printed_at"], made["printer"]) == (
        "218/45",
        True,
        int(PRINTED_AT.timestamp()),
        "ZBF 2101000001",
    )
    return int(made["receipt_id"])


def test_the_fiscal_number_its_date_and_printer_stand_on_a_receipt_that_is_made_once(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    what = numbered(order_id)
    assert not channel.is_written(what)

    channel.write(what)
    assert channel.is_written(what)
    before = Counter(channel.client.calls)
    channel.write(what)

    assert_ours(sandbox, order_id)
    assert channel.client.calls - before == {"getReceipt": 1}, "repeated, it only looks"
    assert [one["receipt_full_nr"] for one in channel.client.get_receipts()] == ["218/45"]
    assert channel.client.get_new_receipts() == [], "no other printer finds it waiting"


def test_number_and_file_stand_on_the_same_receipt(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    what = with_file(order_id)
    channel.write(what)
    receipt_id = assert_ours(sandbox, order_id)
    assert sandbox.receipt_file(receipt_id) == PDF
    assert sandbox.receipts(order_id)[0]["external_receipt_number"] == "PA/1/2026"
    assert channel.is_written(what)


def test_an_invoice_with_its_file_and_a_fiscal_number_get_both_documents(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    """The FS of a consumer that was printed too; the series of the invoice is none of receipts."""
    file = FileToSend("FS.pdf", PDF, "FS/1/2026")
    what = WriteBack(str(order_id), "k", file=file, document_file="invoice", series="Faktury", fiscal=NUMBER)
    channel.write(what)
    receipt_id = assert_ours(sandbox, order_id)
    assert sandbox.receipt_file(receipt_id) is None
    assert [one["external_invoice_number"] for one in sandbox.invoices(order_id)] == ["FS/1/2026"]
    assert channel.is_written(what)


@pytest.mark.parametrize("lost", ["addReceipt", "setOrderReceipt", "addOrderReceiptFile"])
@pytest.mark.parametrize("fault", ["cut-after", "cut-before", "empty-body"])
def test_a_lost_answer_makes_no_second_receipt(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int, lost: str, fault: str
) -> None:
    what = with_file(order_id)
    sandbox.misbehave(fault, lost)
    with pytest.raises(InDoubt):
        channel.write(what)
    if not channel.is_written(what):
        channel.write(what)
    receipt_id = assert_ours(sandbox, order_id)
    assert sandbox.receipt_file(receipt_id) == PDF


def test_a_receipt_that_baselinker_made_itself_and_nobody_printed_gets_the_number(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    own = channel.client.add_receipt(order_id)
    channel.write(with_file(order_id))
    assert assert_ours(sandbox, order_id) == own


def test_a_receipt_that_another_printer_printed_is_left_and_a_person_told(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    own = channel.client.add_receipt(order_id)
    channel.client.set_order_receipt(own, "7/7", 1, printer="another")
    with pytest.raises(NeedsPerson) as caught:
        channel.write(with_file(order_id))
    assert caught.value.code == "baselinker.receipt-printed"
    assert "7/7" in caught.value.text
    (left,) = sandbox.receipts(order_id)
    assert (left["receipt_full_nr"], left["external_receipt_number"]) == ("7/7", "")


def test_a_number_too_long_makes_no_receipt(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    with pytest.raises(NeedsPerson) as caught:
        channel.write(numbered(order_id, FiscalNumber("1" * 21, PRINTED_AT)))
    assert caught.value.code == "baselinker.too-long"
    assert sandbox.receipts(order_id) == []


def test_a_series_of_invoices_is_refused_for_a_receipt(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    with pytest.raises(NeedsPerson) as caught:
        channel.write(WriteBack(str(order_id), "k", fiscal=NUMBER, receipt_series="Faktury"))
    assert caught.value.code == "baselinker.unknown-series"
    assert sandbox.receipts(order_id) == []

"""What goes back to an order: texts, files, invoices and receipts."""

from __future__ import annotations

from collections import Counter

import pytest

from pomost.connectors.baselinker import BaseLinkerChannel
from pomost.ports import FileToSend, InDoubt, NeedsPerson, WriteBack
from pomost.sandbox.baselinker import Sandbox

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
FIELDS = {"Numer RO": "RO 1/2026", "51002": "FS 1/2026", "extra_field_1": "WZ 1/2026"}


def invoice(order_id: int, number: str = "FS 1/2026") -> WriteBack:
    file = FileToSend("FS.pdf", PDF, number)
    return WriteBack(str(order_id), "k", file=file, document_file="invoice", series="Faktury")


def receipt(order_id: int, number: str = "PA 1/2026") -> WriteBack:
    file = FileToSend("PA.pdf", PDF, number)
    return WriteBack(str(order_id), "k", file=file, document_file="receipt", series="61002")


@pytest.fixture
def order_id(sandbox: Sandbox) -> int:
    return sandbox.place(1)[0]


def test_all_texts_and_the_file_go_in_one_call(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    channel.check_words([], FIELDS)
    before = Counter(channel.client.calls)
    channel.write(WriteBack(str(order_id), "k", FIELDS, FileToSend("FS 1.pdf", PDF), "Dokument PDF"))
    assert channel.client.calls - before == {"setOrderFields": 1}
    order = sandbox.order(order_id)
    fields = order["custom_extra_fields"]
    assert (fields["51001"], fields["51002"], order["extra_field_1"]) == (
        "RO 1/2026",
        "FS 1/2026",
        "WZ 1/2026",
    )
    assert fields["51004"]["title"] == "FS 1.pdf"
    assert sandbox.file(order_id, "Dokument PDF") == PDF


@pytest.mark.parametrize(
    ("field", "value"),
    [("Numer RO", "RO 2/2026"), ("51002", ""), ("extra_field_1", "other"), ("extra_field_2", "x")],
)
def test_each_difference_is_noticed(
    channel: BaseLinkerChannel, order_id: int, field: str, value: str
) -> None:
    channel.write(WriteBack(str(order_id), "k", FIELDS))
    assert channel.is_written(WriteBack(str(order_id), "k", FIELDS))
    assert not channel.is_written(WriteBack(str(order_id), "k", {**FIELDS, field: value}))


def test_a_missing_file_and_another_title_are_noticed(channel: BaseLinkerChannel, order_id: int) -> None:
    channel.write(WriteBack(str(order_id), "k", FIELDS))
    with_file = WriteBack(str(order_id), "k", FIELDS, FileToSend("FS 1.pdf", PDF), "Dokument PDF")
    assert not channel.is_written(with_file)
    channel.write(with_file)
    assert channel.is_written(with_file)
    other = WriteBack(str(order_id), "k", FIELDS, FileToSend("FS 2.pdf", PDF), "Dokument PDF")
    assert not channel.is_written(other)


def test_a_text_that_was_cut_counts_as_written(channel: BaseLinkerChannel, order_id: int) -> None:
    what = WriteBack(str(order_id), "k", {"admin_comments": "ż" * 300})
    channel.write(what)
    assert channel.is_written(what)


def test_a_long_title_is_cut_to_forty(channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int) -> None:
    what = WriteBack(str(order_id), "k", file=FileToSend("F" * 60 + ".pdf", PDF), file_field="51004")
    channel.write(what)
    assert sandbox.order(order_id)["custom_extra_fields"]["51004"]["title"] == "F" * 40
    assert channel.is_written(what)


def test_nothing_is_written_to_an_order_that_is_gone(channel: BaseLinkerChannel) -> None:
    assert not channel.is_written(WriteBack("999999999", "k", FIELDS))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"", "baselinker.bad-file", id="empty"),
        pytest.param(b"<html>", "baselinker.bad-file", id="no-pdf"),
        pytest.param(b"%PDF" + bytes(2 * 1024 * 1024), "baselinker.file-too-large", id="too-large"),
    ],
)
@pytest.mark.parametrize("document", ["", "invoice", "receipt"])
def test_a_file_that_is_none_is_never_sent(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int, content: bytes, code: str, document: str
) -> None:
    with pytest.raises(NeedsPerson) as caught:
        channel.write(
            WriteBack(
                str(order_id),
                "k",
                {"Numer RO": "RO 1"},
                FileToSend("FS.pdf", content, "FS 1"),
                "Dokument PDF",
                document,
            )
        )
    assert caught.value.code == code
    assert sandbox.writes(order_id) == []


def test_a_text_field_takes_no_file(channel: BaseLinkerChannel, order_id: int) -> None:
    with pytest.raises(NeedsPerson) as caught:
        channel.write(WriteBack(str(order_id), "k", file=FileToSend("a.pdf", PDF), file_field="Numer RO"))
    assert caught.value.code == "baselinker.not-a-file-field"


def test_an_order_of_another_channel_is_refused(channel: BaseLinkerChannel) -> None:
    with pytest.raises(NeedsPerson) as caught:
        channel.write(WriteBack("ABC-1", "k", FIELDS))
    assert caught.value.code == "baselinker.bad-order-id"


def test_pain_01_an_invoice_of_ours_is_made_once(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    what = invoice(order_id)
    assert not channel.is_written(what)
    channel.write(what)
    channel.write(what)
    (made,) = sandbox.invoices(order_id)
    assert (made["external_invoice_number"], made["series_id"]) == ("FS 1/2026", 61001)
    assert sandbox.invoice_file(made["invoice_id"]) == PDF
    assert channel.is_written(what)


def test_pain_01_a_receipt_of_ours_is_made_once(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    what = receipt(order_id)
    assert not channel.is_written(what)
    channel.write(what)
    channel.write(what)
    (made,) = sandbox.receipts(order_id)
    assert made["external_receipt_number"] == "PA 1/2026"
    assert sandbox.receipt_file(made["receipt_id"]) == PDF
    assert channel.is_written(what)


@pytest.mark.parametrize("lost", ["addInvoice", "addOrderInvoiceFile"])
@pytest.mark.parametrize("fault", ["cut-after", "cut-before", "empty-body"])
def test_pain_01_a_lost_answer_makes_no_second_invoice(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int, lost: str, fault: str
) -> None:
    what = invoice(order_id)
    sandbox.misbehave(fault, lost)
    with pytest.raises(InDoubt):
        channel.write(what)
    if not channel.is_written(what):
        channel.write(what)
    (made,) = sandbox.invoices(order_id)
    assert made["external_invoice_number"] == "FS 1/2026"
    assert sandbox.invoice_file(made["invoice_id"]) == PDF


@pytest.mark.parametrize("lost", ["addReceipt", "addOrderReceiptFile"])
def test_pain_01_a_lost_answer_makes_no_second_receipt(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int, lost: str
) -> None:
    what = receipt(order_id)
    sandbox.misbehave("cut-after", lost)
    with pytest.raises(InDoubt):
        channel.write(what)
    if not channel.is_written(what):
        channel.write(what)
    assert [made["external_receipt_number"] for made in sandbox.receipts(order_id)] == ["PA 1/2026"]


def test_a_refusal_to_show_receipts_makes_none(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    sandbox.misbehave("error-not-done", "getReceipt", code="ERROR_X", message="not today")
    with pytest.raises(NeedsPerson, match="not today"):
        channel.write(receipt(order_id))
    assert sandbox.receipts(order_id) == []


def test_a_second_document_of_an_order_gets_an_invoice_of_its_own(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    channel.write(invoice(order_id, "FS 1/2026"))
    channel.write(invoice(order_id, "FS 2/2026"))
    numbers = [made["external_invoice_number"] for made in sandbox.invoices(order_id)]
    assert numbers == ["FS 1/2026", "FS 2/2026"]


def test_an_unknown_series_is_refused_with_those_that_there_are(
    channel: BaseLinkerChannel, order_id: int
) -> None:
    what = WriteBack(
        str(order_id), "k", file=FileToSend("a.pdf", PDF, "FS 1"), document_file="invoice", series="Paragony"
    )
    with pytest.raises(NeedsPerson, match="Faktury") as caught:
        channel.write(what)
    assert caught.value.code == "baselinker.unknown-series"


def test_an_unknown_kind_of_document_is_refused(channel: BaseLinkerChannel, order_id: int) -> None:
    with pytest.raises(NeedsPerson) as caught:
        channel.write(WriteBack(str(order_id), "k", file=FileToSend("a.pdf", PDF), document_file="offer"))
    assert caught.value.code == "baselinker.unknown-document"


def test_a_document_without_its_file_is_refused(channel: BaseLinkerChannel, order_id: int) -> None:
    with pytest.raises(NeedsPerson) as caught:
        channel.write(WriteBack(str(order_id), "k", document_file="invoice"))
    assert caught.value.code == "baselinker.no-file"


def test_a_document_number_too_long_for_baselinker_makes_no_invoice(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    with pytest.raises(NeedsPerson) as caught:
        channel.write(invoice(order_id, "FS/" + "1" * 40))
    assert caught.value.code == "baselinker.too-long"
    assert sandbox.invoices(order_id) == []


def test_the_file_can_go_into_a_field_and_onto_an_invoice(
    channel: BaseLinkerChannel, sandbox: Sandbox, order_id: int
) -> None:
    file = FileToSend("FS 1.pdf", PDF, "FS/1/2026")
    what = WriteBack(str(order_id), "k", {}, file, "Dokument PDF", "invoice", "Faktury")
    assert not channel.is_written(what)
    channel.write(what)
    assert channel.is_written(what)
    assert sandbox.file(order_id, "Dokument PDF") == PDF
    assert [row["external_invoice_number"] for row in sandbox.invoices(order_id)] == ["FS/1/2026"]

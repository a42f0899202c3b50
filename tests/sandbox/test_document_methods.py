"""Invoices, receipts and returns (reference, sections 7 and 9)."""

import base64

import pytest

from pomost.sandbox.baselinker import Sandbox

from .conftest import PDF, START, Caller, data

NOW = int(START)


def test_add_invoice_called_twice_issues_two_invoices(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place(nip="1234563218")[0]
    made = [call.done("addInvoice", order_id=order_id, series_id=61001)["invoice_id"] for _ in range(2)]
    invoices = call.done("getInvoices", order_id=order_id)["invoices"]
    assert [(i["invoice_id"], i["number"], i["type"]) for i in invoices] == [
        (made[0], "1/10/2026", "normal"),
        (made[1], "2/10/2026", "normal"),
    ]
    first = invoices[0]
    assert (first["total_price_brutto"], first["total_price_netto"]) == (74.89, 60.89)
    assert [(i["price_brutto"], i["tax_rate"], i["is_shipment"]) for i in first["items"]] == [
        (29.95, 23, 0),
        (14.99, 23, 1),
    ]
    assert [w.changed["invoice_id"] for w in sandbox.writes(order_id)] == made
    assert [log["object_id"] for log in call.done("getJournalList", logs_types=[7])["logs"]] == made


@pytest.mark.parametrize(
    ("asked", "rate"), [("ZW", -1), ("NP", -0.02), ("OO", -0.03), ("8", 8), ("ITEM", 23)]
)
def test_the_rate_of_an_invoice(sandbox: Sandbox, call: Caller, asked: str, rate: float) -> None:
    order_id = sandbox.place()[0]
    call.done("addInvoice", order_id=order_id, vat_rate=asked)
    assert {item["tax_rate"] for item in sandbox.invoices(order_id)[0]["items"]} == {rate}


def test_an_uploaded_file_and_number_take_the_place_of_the_invoice(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    invoice_id = call.done("addInvoice", order_id=order_id, series_id=61001)["invoice_id"]
    call.done("addOrderInvoiceFile", invoice_id=invoice_id, file=data(), external_invoice_number="FS 9/2026")
    got = call.done("getInvoiceFile", invoice_id=invoice_id, get_external=True)
    assert (got["invoice_number"], base64.b64decode(got["invoice"][5:])) == ("FS 9/2026", PDF)
    assert call.done("getInvoiceFile", invoice_id=invoice_id)["invoice_number"] == "1/10/2026"
    assert call.done("getInvoices", get_external_invoices=False) == {"invoices": []}
    assert sandbox.invoice_file(invoice_id) == PDF


def test_a_file_needs_an_invoice_a_pdf_and_the_bare_prefix(sandbox: Sandbox, call: Caller) -> None:
    number = {"external_invoice_number": "FS 1"}
    assert call.refused("addOrderInvoiceFile", invoice_id=1, file=data(), **number)[0] == "ERROR_INVOICE_ID"
    invoice_id = call.done("addInvoice", order_id=sandbox.place()[0])["invoice_id"]
    uri = "data:application/pdf;base64," + base64.b64encode(PDF).decode()
    for wrong in (uri, data(b"no pdf"), "data:", data(b"%PDF" + b"0" * 2 * 1024 * 1024)):
        code, _ = call.refused("addOrderInvoiceFile", invoice_id=invoice_id, file=wrong, **number)
        assert code == "ERROR_FILE"


def test_a_correction_follows_a_return(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    invoice_id = call.done("addInvoice", order_id=order_id)["invoice_id"]
    line_id = sandbox.order(order_id)["products"][0]["order_product_id"]
    return_id = sandbox.return_goods(order_id, {line_id: 1})
    call.done("addInvoiceCorrection", return_order_id=return_id)
    made = sandbox.invoices(order_id)[1]
    assert (made["type"], made["correcting_to_invoice_id"], made["correcting_reason"], made["number"]) == (
        "correcting",
        invoice_id,
        5,
        "KOR/1/10/2026",
    )
    assert made["items"][0]["quantity"] == 1
    code, _ = call.refused("addInvoiceCorrection")
    assert code == "ERROR_ORIGINAL_INVOICE_ID"


def test_a_receipt_waits_for_the_printer_until_it_reports(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    receipt_id = call.done("addReceipt", order_id=order_id)["receipt_id"]
    report = {"receipt_id": receipt_id, "receipt_nr": "W/77", "date": NOW}
    call.done("setOrderReceipt", printer_error=True, **report)
    waiting = call.done("getNewReceipts")["orders"]
    assert [(r["receipt_id"], r["receipt_full_nr"]) for r in waiting] == [(receipt_id, "PA/1/10/2026")]
    call.done("setOrderReceipt", **report)
    assert call.done("getNewReceipts") == {"orders": []}
    assert [r["receipt_full_nr"] for r in call.done("getReceipts")["receipts"]] == ["W/77"]
    call.done("addOrderReceiptFile", receipt_id=receipt_id, file=data(), external_receipt_number="PA 3")
    receipt = call.done("getReceipt", order_id=order_id)
    assert (receipt["external_receipt_number"], receipt["total_price_brutto"]) == ("PA 3", 74.89)
    assert sandbox.receipt_file(receipt_id) == PDF


def test_a_return_goes_from_new_to_done(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    line_id = sandbox.order(order_id)["products"][0]["order_product_id"]
    base = {"order_id": order_id, "status_id": 31001, "date_add": NOW, "currency": "PLN", "refunded": False}
    return_id = call.done("addOrderReturn", products=[{"order_product_id": line_id, "quantity": 1}], **base)[
        "return_id"
    ]
    call.done("setOrderReturnFields", return_id=return_id, custom_extra_fields={"52001": "KOR 1"})
    own = sandbox.returns(order_id)[0]["products"][0]["order_return_product_id"]
    call.done("setOrderReturnProductFields", return_id=return_id, order_return_product_id=own, status_id=1002)
    refund = {
        "order_refund_done": 29.95,
        "refund_date": NOW,
        "refund_comment": "",
        "external_refund_id": "R1",
    }
    call.done("setOrderReturnRefund", return_id=return_id, **refund)
    call.done("setOrderReturnStatuses", return_ids=[return_id], status_id=31004)
    found = call.done("getOrderReturns", order_id=order_id, include_custom_extra_fields=True)["returns"][0]
    assert (found["refunded"], found["refund_done"], found["fulfillment_status"]) == ("29.95", 29.95, 1)
    assert (found["custom_extra_fields"], found["products"][0]["sku"]) == ({"52001": "KOR 1"}, "KUBEK-01")
    logs = call.done("getOrderReturnJournalList", return_id=return_id)["logs"]
    assert [log["log_type"] for log in logs] == [1, 10, 12, 5, 11, 3]
    paid = call.done("getOrderReturnPaymentsHistory", return_id=return_id)["payments"]
    assert [(p["paid_before"], p["paid_after"]) for p in paid] == [("0.00", "29.95")]


def test_more_cannot_come_back_than_was_sold(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    line_id = sandbox.order(order_id)["products"][0]["order_product_id"]
    with pytest.raises(LookupError, match="Invalid quantity"):
        sandbox.return_goods(order_id, {line_id: 3})
    assert sandbox.returns(order_id) == []


def test_empty_extra_fields_of_a_return_are_an_empty_string(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    sandbox.return_goods(order_id, {sandbox.order(order_id)["products"][0]["order_product_id"]: 1})
    found = call.done("getOrderReturns", include_custom_extra_fields=True)["returns"][0]
    assert found["custom_extra_fields"] == ""

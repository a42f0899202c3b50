"""The account's own lists and the smaller reading methods (reference, section 5.4)."""

from pomost.sandbox.baselinker import Sandbox

from .conftest import START, Caller

NOW = int(START)


def test_a_new_account_has_its_statuses_fields_series_and_sources(call: Caller) -> None:
    statuses = call.done("getOrderStatusList")["statuses"]
    assert [(s["id"], s["name"], s["is_primary"]) for s in statuses][:2] == [
        (41001, "Nowe zamówienia", 1),
        (41002, "Do wyjaśnienia", 0),
    ]
    fields = call.done("getOrderExtraFields")["extra_fields"]
    assert [(f["extra_field_id"], f["name"], f["editor_type"]) for f in fields] == [
        (51001, "Numer RO", "text"),
        (51002, "Numer FS/PA", "text"),
        (51003, "Numer WZ", "text"),
        (51004, "Dokument PDF", "file"),
        (51013, "Numer MM", "text"),
        (51014, "Planowana dostawa", "text"),
        (51015, "Brakujący towar", "text"),
        (51016, "Anulowane dokumenty", "text"),
        (51021, "Numer korekty", "text"),
        (51022, "Korekta PDF", "file"),
        (51031, "Numer pro formy", "text"),
        (51032, "Pro forma PDF", "file"),
        (51033, "Numer faktury zaliczkowej", "text"),
        (51034, "Faktura zaliczkowa PDF", "file"),
        (51035, "Numer dokumentu usługi", "text"),
        (51036, "Dokument usługi PDF", "file"),
    ]
    series = call.done("getSeries")["series"]
    assert [(s["id"], s["type"]) for s in series] == [
        (61001, "INVOICE"),
        (61002, "RECEIPT"),
        (61003, "CORRECTION"),
    ]
    assert call.done("getOrderSources")["sources"]["personal"] == {"0": "Osobiście / tel.", "1621": "Telefon"}


def test_orders_are_found_by_email_and_by_phone(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place(email="jan@example.com", company="Przykładowa Firma")[0]
    brief = {
        "order_id": str(order_id),
        "order_status_id": "41001",
        "date_in_status": str(NOW),
        "date_add": str(NOW),
    }
    assert call.done("getOrdersByEmail", email="jan@example.com") == {"orders": [brief]}
    buyer = {"delivery_fullname": "Anna Przykładowa", "delivery_company": "Przykładowa Firma"}
    assert call.done("getOrdersByPhone", phone="+48500000100") == {"orders": [{**brief, **buyer}]}
    assert call.done("getOrdersByEmail", email="nobody@example.com") == {"orders": []}


def test_transaction_data_carry_taxes_only_when_asked(sandbox: Sandbox, call: Caller) -> None:
    order_id = sandbox.place()[0]
    plain = call.done("getOrderTransactionData", order_id=order_id)
    assert (plain["currency"], plain["transaction_date"], plain["ship_date_from"]) == ("PLN", NOW, "")
    full = call.done("getOrderTransactionData", order_id=order_id, include_complex_taxes=True)
    assert set(full) - set(plain) == {"order_items"}
    assert [item["outerItemId"] for item in full["order_items"]] == ["pKUBEK-01"]


def test_return_lists(call: Caller) -> None:
    statuses = call.done("getOrderReturnStatusList")["statuses"]
    assert [s["id"] for s in statuses] == [31001, 31002, 31003, 31004, 31005, 31006]
    lines = call.done("getOrderReturnProductStatuses")["order_return_product_statuses"]
    assert lines[0] == {"status_id": 1001, "name": "Nowy"}
    reasons = call.done("getOrderReturnReasonsList")["return_reasons"]
    assert reasons[1] == {"return_reason_id": 1002, "name": "Odstąpienie od umowy"}
    fields = call.done("getOrderReturnExtraFields")["extra_fields"]
    assert [field["extra_field_id"] for field in fields] == [52001, 52002]


def test_paid_may_be_ignored_by_setting(sandbox: Sandbox, call: Caller) -> None:
    sandbox.configure(paid_books_payment=False)
    line = {"name": "Kubek", "price_brutto": 10, "tax_rate": 23, "quantity": 1}
    order_id = call.done("addOrder", order_status_id=41001, date_add=NOW, paid=True, products=[line])[
        "order_id"
    ]
    assert sandbox.order(order_id)["payment_done"] == 0


def test_strict_mode_enforces_doubtful_requirements(sandbox: Sandbox, call: Caller) -> None:
    sandbox.configure(strict=True)
    refused = call.refused("addOrder", order_status_id=41001, date_add=NOW)
    assert refused == ("ERROR_CURRENCY", "Invalid currency: required")

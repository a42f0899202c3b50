"""Receipts: the queue of a fiscal printer and what was issued (reference, section 7.2)."""

from itertools import islice

from pomost.sandbox.baselinker import journal
from pomost.sandbox.baselinker.invoices import items_of, numbered, totals
from pomost.sandbox.baselinker.protocol import Json, decode_file, invalid
from pomost.sandbox.baselinker.state import Account

PAGE = 100
LISTED = ["receipt_id", "series_id", "receipt_full_nr", "order_id", "date_add", "payment_method", "nip"]
ITEM = ["name", "price_brutto", "tax_rate", "quantity", "sku", "ean"]
SINGLE = [
    *LISTED,
    *["year", "month", "sub_id", "currency", "total_price_brutto", "external_receipt_number"],
    *["exchange_currency", "exchange_rate", "exchange_date", "exchange_info"],
]


def _save(account: Account, receipt: Json) -> None:
    account.save_record("receipt", receipt["receipt_id"], receipt, receipt["order_id"], receipt["date_add"])


def _listed(receipt: Json) -> Json:
    lines = [{key: line[key] for key in ITEM} for line in receipt["items"]]
    return {**{key: receipt[key] for key in LISTED}, "products": lines}


def add_receipt(account: Account, sent: Json) -> Json:
    order = account.order(sent["order_id"])
    in_series, items = numbered(account, "RECEIPT", sent.get("series_id")), items_of(order)
    receipt_id = account.next_id("receipt")
    receipt = {
        "receipt_id": receipt_id,
        "receipt_full_nr": in_series.pop("number"),
        **in_series,
        "order_id": order["order_id"],
        "date_add": account.now(),
        "payment_method": order["payment_method"],
        "nip": order["invoice_nip"],
        "currency": order["currency"],
        "total_price_brutto": totals(items)["total_price_brutto"],
        "external_receipt_number": "",
        "exchange_currency": "",
        "exchange_rate": "",
        "exchange_date": "",
        "exchange_info": "",
        "items": items,
        "printed": False,
        "printed_at": 0,
        "printer": "",
    }
    _save(account, receipt)
    account.log("order", journal.RECEIPTED, order["order_id"], receipt_id)
    account.wrote(order["order_id"], {"receipt_id": receipt_id, "number": receipt["receipt_full_nr"]})
    return {"receipt_id": receipt_id}


def _found(account: Account, sent: Json, printed: bool) -> list[Json]:
    date_from = sent.get("date_from", 0)
    receipts = account.each_record("receipt", id_from=sent.get("id_from", 0), date_from=date_from)
    matching = (
        _listed(receipt)
        for receipt in receipts
        if receipt["printed"] == printed
        and sent.get("series_id") in (None, 0, receipt["series_id"])
        and receipt["date_add"] <= sent.get("date_to", receipt["date_add"])
    )
    return list(islice(matching, PAGE))


def get_new_receipts(account: Account, sent: Json) -> Json:
    return {"orders": _found(account, sent, printed=False)}


def get_receipts(account: Account, sent: Json) -> Json:
    return {"receipts": _found(account, sent, printed=True)}


def get_receipt(account: Account, sent: Json) -> Json:
    if sent.get("receipt_id"):
        receipt = account.record("receipt", sent["receipt_id"])
    elif sent.get("order_id"):
        receipts = account.records("receipt", owner_id=sent["order_id"])
        if not receipts:
            raise invalid("order_id", "no receipt")
        receipt = receipts[-1]
    else:
        raise invalid("receipt_id", "either it or order_id is required")
    lines = [{key: line[key] for key in ITEM} for line in receipt["items"]]
    return {**{key: receipt[key] for key in SINGLE}, "items": lines}


def set_order_receipt(account: Account, sent: Json) -> Json:
    """The printer's word: a printed receipt leaves the queue, one with a printer error stays."""
    receipt = account.record("receipt", sent["receipt_id"])
    if not sent.get("printer_error"):
        receipt |= {"printed": True, "printed_at": sent["date"], "printer": sent.get("printer_name", "")}
        receipt["receipt_full_nr"] = sent["receipt_nr"] or receipt["receipt_full_nr"]
        _save(account, receipt)
    account.wrote(receipt["order_id"], sent)
    return {}


def add_order_receipt_file(account: Account, sent: Json) -> Json:
    receipt = account.record("receipt", sent["receipt_id"])
    content = decode_file("file", sent["file"], account.settings.file_limit_bytes)
    if not content.startswith(b"%PDF"):
        raise invalid("file", "a PDF expected")
    number = sent["external_receipt_number"]
    receipt["external_receipt_number"] = number
    account.keep_file("receipt", receipt["receipt_id"], "file", number, content)
    _save(account, receipt)
    changed = {"receipt_id": receipt["receipt_id"], "external_receipt_number": number, "bytes": len(content)}
    account.wrote(receipt["order_id"], changed)
    return {}


METHODS = {
    "addReceipt": add_receipt,
    "getNewReceipts": get_new_receipts,
    "getReceipts": get_receipts,
    "getReceipt": get_receipt,
    "setOrderReceipt": set_order_receipt,
    "addOrderReceiptFile": add_order_receipt_file,
}

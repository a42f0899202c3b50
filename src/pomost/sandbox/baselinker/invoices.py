"""Invoices, their corrections and the files put in their place (reference, section 7.1)."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from itertools import islice
from typing import Any

from pomost.sandbox.baselinker import journal
from pomost.sandbox.baselinker.limits import POLISH_TIME
from pomost.sandbox.baselinker.parameters import CORRECTION_LINE, checked
from pomost.sandbox.baselinker.protocol import Json, decode_file, encode_file, invalid, money, number
from pomost.sandbox.baselinker.state import Account

PAGE = 100
CENT, NET_PLACES = Decimal("0.01"), Decimal("0.0001")
SPECIAL_RATES = {"EXPT": Decimal(-1), "ZW": Decimal(-1), "NP": Decimal("-0.02"), "OO": Decimal("-0.03")}
BUYER = ["fullname", "company", "nip", "address", "postcode", "city", "country", "country_code"]
SELLER = "Przykładowy Sprzedawca Sp. z o.o.\nul. Sprzedażowa 1\n00-001 Warszawa\nNIP 5260001246"
PLAIN_PDF = b"%PDF-1.4\n% invoice printed by the sandbox\n%%EOF\n"


def numbered(account: Account, series_type: str, series_id: int | None) -> Json:
    """The next number of a series of the given type; without an id the first such series."""
    series = [found for found in account.records("series") if found["type"] == series_type]
    chosen = next((found for found in series if series_id in (None, 0, found["id"])), None)
    if chosen is None:
        raise invalid("series_id")
    day = datetime.fromtimestamp(account.now(), POLISH_TIME)
    sub_id = account.next_id(f"number:{chosen['id']}:{day:%Y-%m}") - 70_000
    full = chosen["format"].replace("%N", str(sub_id)).replace("%M", f"{day:%m}").replace("%Y", f"{day:%Y}")
    return {"series_id": chosen["id"], "number": full, "sub_id": sub_id, "month": day.month, "year": day.year}


def _rate(vat_rate: Any) -> int | float | None:
    """The rate for all lines; None = each line's own."""
    if vat_rate in (None, "", "DEFAULT", "ITEM"):
        return None
    if not isinstance(vat_rate, str | int | float):
        raise invalid("vat_rate")
    if vat_rate in SPECIAL_RATES:
        return number(SPECIAL_RATES[vat_rate])
    try:
        exact = money(vat_rate)
    except InvalidOperation:
        raise invalid("vat_rate") from None
    if not exact.is_finite() or not 0 <= exact <= 100:
        raise invalid("vat_rate")
    return number(exact)


def item(line: Json, rate: int | float | None, is_shipment: int = 0) -> Json:
    tax = line["tax_rate"] if rate is None else rate
    net = money(line["price_brutto"]) / (1 + max(money(tax), Decimal(0)) / 100)
    return {
        "name": line["name"],
        "sku": line.get("sku", ""),
        "ean": line.get("ean", ""),
        "price_brutto": line["price_brutto"],
        "price_netto": number(net.quantize(NET_PLACES, ROUND_HALF_UP)),
        "tax_rate": tax,
        "quantity": line["quantity"],
        "is_shipment": is_shipment,
        "order_product_id": line.get("order_product_id", 0),
    }


def items_of(order: Json, rate: int | float | None = None) -> list[Json]:
    """Lines and delivery as document items; the delivery takes the highest rate of the lines."""
    items = [item(line, rate) for line in order["products"]]
    if money(order["delivery_price"]) > 0:
        highest = max((money(line["tax_rate"]) for line in order["products"]), default=Decimal(23))
        delivery = {
            "name": order["delivery_method"] or "Dostawa",
            "price_brutto": order["delivery_price"],
            "tax_rate": number(highest),
            "quantity": 1,
        }
        items.append(item(delivery, rate, is_shipment=1))
    return items


def totals(items: list[Json]) -> Json:
    gross = sum((money(i["price_brutto"]) * i["quantity"] for i in items), Decimal(0))
    net = sum((money(i["price_netto"]) * i["quantity"] for i in items), Decimal(0))
    return {
        "total_price_brutto": number(gross.quantize(CENT, ROUND_HALF_UP)),
        "total_price_netto": number(net.quantize(CENT, ROUND_HALF_UP)),
    }


def _issue(account: Account, order: Json, number_in_series: Json, items: list[Json], changes: Json) -> Json:
    now, invoice_id = account.now(), account.next_id("invoice")
    invoice: Json = {
        "invoice_id": invoice_id,
        "order_id": order["order_id"],
        "type": "normal",
        **number_in_series,
        "postfix": "",
        "date_add": now,
        "date_sell": now,
        "date_pay_to": 0,
        "currency": order["currency"],
        **totals(items),
        "payment": order["payment_method"],
        "additional_info": "",
        **{f"invoice_{part}": order[f"invoice_{part}"] for part in BUYER},
        "seller": SELLER,
        "issuer": "",
        "correcting_to_invoice_id": 0,
        "correcting_reason": "",
        "correcting_items": False,
        "correcting_data": False,
        "external_invoice_number": "",
        "exchange_currency": "",
        "exchange_rate": "",
        "exchange_date": "",
        "exchange_info": "",
        "external_id": "",
        "items": items,
        **changes,
    }
    _save(account, invoice)
    account.log("order", journal.INVOICED, order["order_id"], invoice_id)
    account.wrote(order["order_id"], {"invoice_id": invoice_id, "number": invoice["number"]})
    return {"invoice_id": invoice_id}


def _save(account: Account, invoice: Json) -> None:
    account.save_record("invoice", invoice["invoice_id"], invoice, invoice["order_id"], invoice["date_add"])


def get_series(account: Account, sent: Json) -> Json:
    return {"series": account.records("series")}


def add_invoice(account: Account, sent: Json) -> Json:
    order, rate = account.order(sent["order_id"]), _rate(sent.get("vat_rate"))
    in_series = numbered(account, "INVOICE", sent.get("series_id"))
    return _issue(account, order, in_series, items_of(order, rate), {})


def add_invoice_correction(account: Account, sent: Json) -> Json:
    given = [name for name in ("original_invoice_id", "return_order_id") if sent.get(name)]
    if len(given) != 1:
        raise invalid("original_invoice_id", "either it or return_order_id is required")
    changes: Json = {"type": "correcting", "correcting_items": True, "correcting_data": False}
    if given[0] == "return_order_id":
        returned = account.record("return", sent["return_order_id"])
        originals = [i for i in account.records("invoice", returned["order_id"]) if i["type"] == "normal"]
        if not originals:
            raise invalid("return_order_id", "its order has no invoice")
        original, taken = originals[-1], {line["order_product_id"]: line for line in returned["products"]}
        items = [
            {**i, "quantity": i["quantity"] - taken[i["order_product_id"]]["quantity"]}
            if i["order_product_id"] in taken
            else i
            for i in original["items"]
        ]
        changes["correcting_reason"] = 5
    else:
        original = account.record("invoice", sent["original_invoice_id"])
        items = _corrected(account, original["items"], sent.get("items", []))
        reason = sent.get("correcting_reason", 9)
        if not 1 <= reason <= 9:
            raise invalid("correcting_reason")
        changes |= {"correcting_reason": reason, "correcting_data": sent.get("correcting_data", False)}
        changes["correcting_items"] = sent.get("correcting_items", bool(sent.get("items")))
        changes |= {name: value for name, value in sent.items() if name.startswith("invoice_")}
        changes |= {name: sent[name] for name in ("date_sell",) if name in sent}
    order = account.order(original["order_id"])
    in_series = numbered(account, "CORRECTION", sent.get("series_id"))
    changes["correcting_to_invoice_id"] = original["invoice_id"]
    return _issue(account, order, in_series, items, changes)


def _corrected(account: Account, before: list[Json], sent: list[Json]) -> list[Json]:
    after = [dict(i) for i in before]
    for line in sent:
        change = checked(line, CORRECTION_LINE, account.settings)
        change = {name.removeprefix("item_"): value for name, value in change.items()}
        line_id = change.get("order_product_id")
        known = next((i for i in after if line_id and i["order_product_id"] == line_id), None)
        if line_id and known is None:
            raise invalid("order_product_id")
        blank = {"name": "", "price_brutto": 0, "tax_rate": 23, "quantity": 1}
        made = item({**(known or blank), **change}, None)
        if known is None:
            after.append(made)
        else:
            known.update({**made, "is_shipment": known["is_shipment"]})
    return after


def get_invoices(account: Account, sent: Json) -> Json:
    id_from, date_from = sent.get("id_from", 0), sent.get("date_from", 0)
    found = account.each_record("invoice", sent.get("order_id"), id_from=id_from, date_from=date_from)
    matching = (
        invoice
        for invoice in found
        if sent.get("invoice_id") in (None, invoice["invoice_id"])
        and sent.get("series_id") in (None, invoice["series_id"])
        and (sent.get("get_external_invoices", True) or not invoice["external_invoice_number"])
    )
    wanted = list(islice(matching, PAGE))
    if sent.get("get_government_data"):
        wanted = [{**invoice, "gov_id": "", "gov_date": 0, "gov_status": ""} for invoice in wanted]
    return {"invoices": wanted}


def get_invoice_file(account: Account, sent: Json) -> Json:
    invoice = account.record("invoice", sent["invoice_id"])
    uploaded = account.file("invoice", invoice["invoice_id"], "file") if sent.get("get_external") else None
    external = invoice["external_invoice_number"] if uploaded else ""
    return {"invoice": encode_file(uploaded or PLAIN_PDF), "invoice_number": external or invoice["number"]}


def add_order_invoice_file(account: Account, sent: Json) -> Json:
    """The uploaded file and number take the place of the printed invoice."""
    invoice = account.record("invoice", sent["invoice_id"])
    content = decode_file("file", sent["file"], account.settings.file_limit_bytes)
    if not content.startswith((b"%PDF", b"<?xml")):
        raise invalid("file", "a PDF expected")
    external = sent["external_invoice_number"]
    invoice["external_invoice_number"] = external
    account.keep_file("invoice", invoice["invoice_id"], "file", external, content)
    _save(account, invoice)
    changed = {
        "invoice_id": invoice["invoice_id"],
        "external_invoice_number": external,
        "bytes": len(content),
    }
    account.wrote(invoice["order_id"], changed)
    return {}


METHODS = {
    "getSeries": get_series,
    "addInvoice": add_invoice,
    "addInvoiceCorrection": add_invoice_correction,
    "getInvoices": get_invoices,
    "getInvoiceFile": get_invoice_file,
    "addOrderInvoiceFile": add_order_invoice_file,
}

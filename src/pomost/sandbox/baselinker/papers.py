"""Invoices, receipts and returns (reference, sections 7 and 9). Creating is not idempotent, as in the real one."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal

from pomost.sandbox.baselinker import state as defaults
from pomost.sandbox.baselinker.orders import Orders, file_content, total
from pomost.sandbox.baselinker.protocol import Refusal, number
from pomost.sandbox.baselinker.state import Json, State

PAGE = 100


class Papers:
    def __init__(self, state: State, orders: Orders, now: Callable[[], float]) -> None:
        self._state = state
        self._orders = orders
        self._now = now

    # --- invoices ------------------------------------------------------------------------------------------------

    def add_invoice(self, p: Json) -> Json:
        order = self._orders.must(p["order_id"])
        series = self._series(p.get("series_id"), "INVOICE")
        invoice_id = self._state.number("invoice", 7001)
        sub_id = self._state.number(f"series:{series}", 1)
        self._state.save_thing(
            "invoice", invoice_id, order["order_id"], self._invoice(order, invoice_id, series, sub_id)
        )
        self._state.log(7, order["order_id"], invoice_id, self._now())
        self._state.note_write(order["order_id"], "addInvoice", self._now(), {"invoice_id": invoice_id})
        return {"invoice_id": invoice_id}

    def _invoice(self, order: Json, invoice_id: int, series: int, sub_id: int) -> Json:
        when = time.gmtime(self._now())
        items = [
            {
                "name": line["name"],
                "sku": line["sku"],
                "ean": line["ean"],
                "price_brutto": line["price_brutto"],
                "price_netto": _net(line["price_brutto"], line["tax_rate"]),
                "tax_rate": line["tax_rate"],
                "quantity": line["quantity"],
                "is_shipment": 0,
                "order_product_id": line["order_product_id"],
            }
            for line in order["products"]
        ]
        return {
            "invoice_id": invoice_id,
            "order_id": order["order_id"],
            "series_id": series,
            "type": "normal",
            "number": f"{sub_id}/{when.tm_mon}/{when.tm_year}",
            "sub_id": sub_id,
            "month": when.tm_mon,
            "year": when.tm_year,
            "postfix": "",
            "date_add": int(self._now()),
            "date_sell": int(self._now()),
            "date_pay_to": 0,
            "currency": order["currency"],
            "total_price_brutto": number(total(order)),
            "payment": order["payment_method"],
            "external_invoice_number": "",
            "external_id": "",
            "exchange_rate": "",
            "correcting_to_invoice_id": 0,
            "items": items,
        }

    def add_correction(self, p: Json) -> Json:
        original = self._state.thing("invoice", p.get("original_invoice_id", 0))
        if original is None:
            raise Refusal("ERROR_PARAMETERS", "Invalid original_invoice_id")
        invoice_id = self._state.number("invoice", 7001)
        body = {
            **original,
            "invoice_id": invoice_id,
            "type": "correcting",
            "series_id": self._series(p.get("series_id"), "CORRECTION"),
            "correcting_to_invoice_id": original["invoice_id"],
            "correcting_reason": p.get("correcting_reason", 9),
        }
        self._state.save_thing("invoice", invoice_id, original["order_id"], body)
        self._state.log(7, original["order_id"], invoice_id, self._now())
        return {"invoice_id": invoice_id}

    def invoices(self, p: Json) -> Json:
        found = self._state.things("invoice", p.get("order_id"))
        keep = [
            {name: value for name, value in invoice.items() if name != "file_id"}
            for invoice in found
            if invoice["invoice_id"] >= p.get("id_from", 0)
            and p.get("invoice_id") in (None, invoice["invoice_id"])
            and p.get("series_id") in (None, invoice["series_id"])
            and invoice["date_add"] >= p.get("date_from", 0)
            and (p.get("get_external_invoices", True) or not invoice.get("file_id"))
        ]
        return {"invoices": keep[:PAGE]}

    def invoice_file(self, p: Json) -> Json:
        invoice = self._state.thing("invoice", p["invoice_id"])
        if invoice is None:
            raise Refusal("ERROR_PARAMETERS", "Invalid invoice_id")
        file = (
            self._state.file(invoice["file_id"]) if p.get("get_external") and invoice.get("file_id") else None
        )
        content = file[1] if file else b"%PDF-1.4 sandbox"
        return {
            "invoice": "data:" + base64.b64encode(content).decode(),
            "invoice_number": invoice["external_invoice_number"] or invoice["number"],
        }

    def add_file(self, kind: str, p: Json) -> Json:
        thing_id = p[f"{kind}_id"]
        thing = self._state.thing(kind, thing_id)
        if thing is None:
            raise Refusal("ERROR_PARAMETERS", f"Invalid {kind}_id")
        thing["file_id"] = self._state.save_file(f"{kind}:{thing_id}", kind, file_content(p["file"]))
        external = p.get(f"external_{kind}_number", "")
        if external:
            thing[f"external_{kind}_number"] = external
        self._state.save_thing(kind, thing_id, thing["order_id"], thing)
        if kind == "invoice":
            self._state.log(21, thing["order_id"], thing_id, self._now())
        self._state.note_write(thing["order_id"], f"add {kind} file", self._now(), {"number": external})
        return {}

    # --- receipts ------------------------------------------------------------------------------------------------

    def add_receipt(self, p: Json) -> Json:
        order = self._orders.must(p["order_id"])
        series = self._series(p.get("series_id"), "RECEIPT")
        receipt_id = self._state.number("receipt", 9001)
        sub_id = self._state.number(f"series:{series}", 1)
        when = time.gmtime(self._now())
        body = {
            "receipt_id": receipt_id,
            "series_id": series,
            "receipt_full_nr": f"P/{sub_id}/{when.tm_mon}/{when.tm_year}",
            "year": when.tm_year,
            "month": when.tm_mon,
            "sub_id": sub_id,
            "order_id": order["order_id"],
            "date_add": int(self._now()),
            "payment_method": order["payment_method"][:30],
            "nip": order["invoice_nip"][:30],
            "currency": order["currency"],
            "total_price_brutto": number(total(order)),
            "external_receipt_number": "",
            "items": [
                {name: line[name] for name in ("name", "sku", "ean", "price_brutto", "tax_rate", "quantity")}
                for line in order["products"]
            ],
            "printed": False,
        }
        self._state.save_thing("receipt", receipt_id, order["order_id"], body)
        self._state.log(8, order["order_id"], receipt_id, self._now())
        self._state.note_write(order["order_id"], "addReceipt", self._now(), {"receipt_id": receipt_id})
        return {"receipt_id": receipt_id}

    def receipt(self, p: Json) -> Json:
        if "receipt_id" in p:
            found = self._state.thing("receipt", p["receipt_id"])
        else:
            found = next(iter(self._state.things("receipt", p.get("order_id", -1))), None)
        if found is None:
            raise Refusal("ERROR_PARAMETERS", "Invalid receipt_id")
        return {name: value for name, value in found.items() if name not in ("file_id", "printed")}

    def receipts(self, p: Json, *, new: bool) -> Json:
        found = [
            receipt
            for receipt in self._state.things("receipt")
            if receipt["receipt_id"] >= p.get("id_from", 0)
            and p.get("series_id") in (None, receipt["series_id"])
            and receipt["printed"] is not new
            and p.get("date_from", 0) <= receipt["date_add"] <= p.get("date_to", 2**40)
        ]
        return {
            "orders" if new else "receipts": [
                {**receipt, "products": receipt["items"]} for receipt in found[:PAGE]
            ]
        }

    def set_receipt(self, p: Json) -> Json:
        receipt = self._state.thing("receipt", p["receipt_id"])
        if receipt is None:
            raise Refusal("ERROR_PARAMETERS", "Invalid receipt_id")
        receipt["printed"] = not p.get("printer_error", False)
        receipt["receipt_full_nr"] = p["receipt_nr"] or receipt["receipt_full_nr"]
        self._state.save_thing("receipt", p["receipt_id"], receipt["order_id"], receipt)
        return {}

    # --- returns -------------------------------------------------------------------------------------------------

    def add_return(self, p: Json) -> Json:
        if p["status_id"] not in {known for known, _name in defaults.RETURN_STATUSES}:
            raise Refusal("ERROR_STATUS_ID", "Invalid status_id")
        return_id = self._state.number("return", 3001)
        body = {
            "return_id": return_id,
            "order_id": p.get("order_id", 0),
            "shop_order_id": -1,
            "external_order_id": "",
            "reference_number": p.get("reference_number", ""),
            "order_return_source": "personal",
            "order_return_source_id": 0,
            "status_id": p["status_id"],
            "date_add": p["date_add"],
            "date_in_status": p["date_add"],
            "currency": p["currency"],
            "refunded": "0.00",
            "refund_done": 0,
            "fulfillment_status": 0,
            "custom_extra_fields": "",
            "products": [
                {**line, "order_return_product_id": self._state.number("return-line", 1)}
                for line in p.get("products", [])
            ],
        }
        self._state.save_thing("return", return_id, body["order_id"], body)
        self._return_log(1, return_id)
        return {"return_id": return_id}

    def returns(self, p: Json) -> Json:
        found = [
            item
            for item in self._state.things("return", p.get("order_id"))
            if item["return_id"] >= p.get("id_from", 0)
            and p.get("return_id") in (None, item["return_id"])
            and p.get("status_id") in (None, item["status_id"])
            and item["date_add"] >= p.get("date_from", 0)
        ]
        return {"returns": found[:PAGE]}

    def change_return(self, p: Json, log_type: int, **values: object) -> Json:
        found = self._state.thing("return", p["return_id"])
        if found is None:
            raise Refusal("ERROR_PARAMETERS", "Invalid return_id")
        self._state.save_thing("return", p["return_id"], found["order_id"], {**found, **values})
        self._return_log(log_type, p["return_id"])
        return {}

    def return_journal(self, p: Json) -> Json:
        rows = self._state.db.execute(
            "SELECT log_id, log_type, return_id, object_id, date FROM return_journal WHERE log_id >= ? ORDER BY log_id LIMIT 100",
            (p.get("last_log_id", 0),),
        ).fetchall()
        return {"logs": [dict(row) for row in rows]}

    def _return_log(self, log_type: int, return_id: int) -> None:
        self._state.db.execute(
            "INSERT INTO return_journal (log_type, return_id, object_id, date) VALUES (?,?,0,?)",
            (log_type, return_id, int(self._now())),
        )

    @staticmethod
    def _series(given: int | None, kind: str) -> int:
        for series_id, series_kind, _name, _format in defaults.SERIES:
            if series_kind == kind and given in (None, series_id):
                return series_id
        raise Refusal("ERROR_PARAMETERS", "Invalid series_id")


def _net(gross: float, rate: float) -> float:
    percent = max(Decimal(str(rate)), Decimal(0))
    net = Decimal(str(gross)) * 100 / (100 + percent)
    return float(net.quantize(Decimal("0.0001"), ROUND_HALF_UP))

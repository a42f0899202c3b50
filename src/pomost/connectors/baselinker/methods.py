"""BaseLinker's methods for orders, documents, journals and returns, one thin function each; more are in `panel`.

Names are those of the API in snake case, parameters those of the reference; what is None is not sent. Failures are
those of `client.Wire.call`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from pomost.connectors.baselinker.calls import given
from pomost.connectors.baselinker.panel import Panel
from pomost.ports import Json, Priority

PAGE = 100
"""Rows in a full page of orders, returns, invoices and receipts: fewer mean that it was the last one."""


class BaseLinkerClient(Panel):
    """The wire with BaseLinker's methods on it."""

    # reading orders

    def get_orders(self, priority: int = Priority.NEW_ORDERS, **filters: Any) -> list[Json]:
        """At most 100 orders; ``filters`` as in the reference, section 5.1."""
        return self._rows("getOrders", "orders", given(**filters), priority)

    def get_order_transaction_data(
        self, order_id: int, *, taxes: bool = False, amazon: bool | None = None
    ) -> Json:
        """What the marketplace knows of the order; ``amazon`` None leaves BaseLinker's default (yes)."""
        asked = given(order_id=order_id, include_complex_taxes=taxes, include_amazon_data=amazon)
        return self.call("getOrderTransactionData", asked)

    def get_orders_by_email(self, email: str) -> list[Json]:
        """Short rows: order_id, order_status_id, date_in_status, date_add."""
        return self._rows("getOrdersByEmail", "orders", {"email": email})

    def get_orders_by_phone(self, phone: str) -> list[Json]:
        """Short rows as by e-mail, with the name and company of delivery."""
        return self._rows("getOrdersByPhone", "orders", {"phone": phone})

    def get_order_sources(self) -> Json:
        """Type of source -> id of the account -> its name."""
        found = self.call("getOrderSources").get("sources")
        return found if isinstance(found, dict) else {}

    def get_order_extra_fields(self) -> list[Json]:
        """Rows: extra_field_id, name, editor_type, options."""
        return self._rows("getOrderExtraFields", "extra_fields")

    def get_order_status_list(self) -> list[Json]:
        """Rows: id, name, name_for_customer, color; newer accounts also group_id, is_primary."""
        return self._rows("getOrderStatusList", "statuses")

    def get_order_payments_history(self, order_id: int, *, full: bool = False) -> list[Json]:
        """``full``: also entries without an external payment id. Amounts come as text."""
        asked = {"order_id": order_id, "show_full_history": full}
        return self._rows("getOrderPaymentsHistory", "payments", asked)

    def get_journal_list(
        self,
        last_log_id: int,
        logs_types: Iterable[int] | None = None,
        order_id: int | None = None,
        priority: int = Priority.NEW_ORDERS,
    ) -> list[Json]:
        types = None if logs_types is None else list(logs_types)
        asked = given(last_log_id=last_log_id, logs_types=types, order_id=order_id)
        return self._rows("getJournalList", "logs", asked, priority)

    # writing orders

    def add_order(self, order: Json) -> int:
        """Not repeatable: each call makes an order."""
        return self._made("addOrder", "order_id", order)

    def set_order_fields(self, order_id: int, **fields: Any) -> None:
        """Only what is given changes; of ``custom_extra_fields`` only the ids listed. Repeating is harmless."""
        self._write("setOrderFields", {"order_id": order_id, **given(**fields)})

    def add_order_product(self, order_id: int, line: Json) -> int:
        """Not repeatable; gives the line's id."""
        return self._made("addOrderProduct", "order_product_id", {"order_id": order_id, **line})

    def set_order_product_fields(self, order_id: int, order_product_id: int, **fields: Any) -> None:
        asked = {"order_id": order_id, "order_product_id": order_product_id, **given(**fields)}
        self._write("setOrderProductFields", asked)

    def delete_order_product(self, order_id: int, order_product_id: int) -> None:
        self._write("deleteOrderProduct", {"order_id": order_id, "order_product_id": order_product_id})

    def set_order_payment(
        self, order_id: int, paid: Decimal, date: int, comment: str = "", external_id: str | None = None
    ) -> None:
        """``paid`` is the new total paid, not an addition: repeating is harmless."""
        asked = given(
            order_id=order_id,
            payment_done=paid,
            payment_date=date,
            payment_comment=comment,
            external_payment_id=external_id,
        )
        self._write("setOrderPayment", asked)

    def set_order_status(self, order_id: int, status_id: int) -> None:
        """Starts the seller's automatic actions on that status."""
        self._write("setOrderStatus", {"order_id": order_id, "status_id": status_id})

    def set_order_statuses(self, order_ids: Callable[[], list[int]], status_id: int) -> None:
        """``order_ids`` is asked once the limiter has granted the call, so late comers travel along."""
        asked = lambda: {"order_ids": order_ids(), "status_id": status_id}  # noqa: E731 - said in one line
        self.call("setOrderStatuses", asked, Priority.SHARED, write=True)

    def delete_orders(self, order_ids: Iterable[int]) -> list[int]:
        """At most 1000; gives those that were deleted."""
        answer = self._write("deleteOrders", {"order_ids": list(order_ids)})
        return [int(order_id) for order_id in answer.get("deleted_order_ids") or []]

    def add_order_duplicate(self, order_id: int) -> int:
        """Not repeatable; gives the copy's id."""
        return self._made("addOrderDuplicate", "order_id", {"order_id": order_id})

    def add_order_by_split(
        self, order_id: int, quantities: dict[int, int], delivery_cost: Decimal | None = None
    ) -> int:
        """Splits off quantities by line id; gives the new order's id."""
        items = [{"order_product_id": line, "quantity": quantity} for line, quantity in quantities.items()]
        asked = given(order_id=order_id, items_to_split=items, delivery_cost_to_split=delivery_cost)
        return self._made("addOrderBySplit", "new_order_id", asked)

    def set_orders_merge(
        self, main: int, others: Iterable[int], mode: str, *, sum_delivery_costs: bool
    ) -> int:
        asked = {
            "main_order_id": main,
            "order_ids_to_merge": list(others),
            "merge_mode": mode,
            "sum_delivery_costs": sum_delivery_costs,
        }
        return self._made("setOrdersMerge", "merged_order_id", asked)

    def run_order_macro_trigger(self, order_id: int, trigger_id: int) -> None:
        """Starts the seller's own event on an order; its number stands in the panel's automatic actions."""
        self._write("runOrderMacroTrigger", {"order_id": order_id, "trigger_id": trigger_id})

    # invoices and receipts

    def get_series(self) -> list[Json]:
        """Rows: id, type (INVOICE, CORRECTION, RECEIPT), name, format."""
        return self._rows("getSeries", "series")

    def add_invoice(self, order_id: int, series_id: int | None = None, vat_rate: str | None = None) -> int:
        """Issues a document in BaseLinker's own numbering. Not repeatable."""
        asked = given(order_id=order_id, series_id=series_id, vat_rate=vat_rate)
        return self._made("addInvoice", "invoice_id", asked)

    def add_invoice_correction(self, **parameters: Any) -> int:
        """From ``original_invoice_id`` or from ``return_order_id``. Not repeatable."""
        return self._made("addInvoiceCorrection", "invoice_id", given(**parameters))

    def get_invoices(self, **filters: Any) -> list[Json]:
        """At most 100; those with an uploaded external file only with ``get_external_invoices=True``."""
        return self._rows("getInvoices", "invoices", given(**filters))

    def get_invoice_file(self, invoice_id: int, *, external: bool = True) -> tuple[str, str]:
        """The file as ``data:`` + base64, and the number."""
        answer = self.call("getInvoiceFile", {"invoice_id": invoice_id, "get_external": external})
        return str(answer.get("invoice") or ""), str(answer.get("invoice_number") or "")

    def add_order_invoice_file(self, invoice_id: int, file: str, number: str) -> None:
        """``file`` replaces the printed invoice, ``number`` (30 characters) its number; ``file`` begins with ``data:``."""
        asked = {"invoice_id": invoice_id, "file": file, "external_invoice_number": number}
        self._write("addOrderInvoiceFile", asked)

    def get_new_receipts(self, series_id: int | None = None, id_from: int | None = None) -> list[Json]:
        """Receipts that wait for a fiscal printer."""
        return self._rows("getNewReceipts", "orders", given(series_id=series_id, id_from=id_from))

    def set_order_receipt(
        self,
        receipt_id: int,
        number: str,
        date: int,
        *,
        printer_error: bool = False,
        printer: str | None = None,
    ) -> None:
        asked = given(
            receipt_id=receipt_id,
            receipt_nr=number,
            date=date,
            printer_error=printer_error,
            printer_name=printer,
        )
        self._write("setOrderReceipt", asked)

    def get_receipts(self, **filters: Any) -> list[Json]:
        """Issued ones, at most 100."""
        return self._rows("getReceipts", "receipts", given(**filters))

    def get_receipt(self, *, receipt_id: int | None = None, order_id: int | None = None) -> Json:
        """One receipt with its items; what comes for an order without one is not documented."""
        return self.call("getReceipt", given(receipt_id=receipt_id, order_id=order_id))

    def add_receipt(self, order_id: int, series_id: int | None = None) -> int:
        """Not repeatable."""
        return self._made("addReceipt", "receipt_id", given(order_id=order_id, series_id=series_id))

    def add_order_receipt_file(self, receipt_id: int, file: str, number: str) -> None:
        """As for an invoice; the number has room for 20 characters."""
        asked = {"receipt_id": receipt_id, "file": file, "external_receipt_number": number}
        self._write("addOrderReceiptFile", asked)

    # returns

    def get_order_returns(self, priority: int = Priority.EDITS, **filters: Any) -> list[Json]:
        """At most 100; page with ``id_from``."""
        return self._rows("getOrderReturns", "returns", given(**filters), priority)

    def get_order_return_journal_list(self, last_log_id: int, return_id: int | None = None) -> list[Json]:
        """Events of returns of the last three days; types beyond the documented ones occur."""
        asked = given(last_log_id=last_log_id, return_id=return_id)
        return self._rows("getOrderReturnJournalList", "logs", asked)

    def add_order_return(self, parameters: Json) -> int:
        """Not repeatable."""
        return self._made("addOrderReturn", "return_id", parameters)

    def set_order_return_fields(self, return_id: int, **fields: Any) -> None:
        """Only what is given changes."""
        self._write("setOrderReturnFields", {"return_id": return_id, **given(**fields)})

    def add_order_return_product(self, return_id: int, line: Json) -> int:
        """Not repeatable; gives the line's id."""
        asked = {"return_id": return_id, **line}
        return self._made("addOrderReturnProduct", "order_return_product_id", asked)

    def set_order_return_product_fields(self, return_id: int, line_id: int, **fields: Any) -> None:
        asked = {"return_id": return_id, "order_return_product_id": line_id, **given(**fields)}
        self._write("setOrderReturnProductFields", asked)

    def delete_order_return_product(self, return_id: int, line_id: int) -> None:
        asked = {"return_id": return_id, "order_return_product_id": line_id}
        self._write("deleteOrderReturnProduct", asked)

    def set_order_return_refund(
        self, return_id: int, refunded: Decimal, date: int, comment: str = "", external_id: str | None = None
    ) -> None:
        """Marks only, no money moves; ``refunded`` replaces the value."""
        asked = given(
            return_id=return_id,
            order_refund_done=refunded,
            refund_date=date,
            refund_comment=comment,
            external_refund_id=external_id,
        )
        self._write("setOrderReturnRefund", asked)

    def set_order_return_status(self, return_id: int, status_id: int) -> None:
        """Repeating is harmless, apart from the seller's automatic actions."""
        self._write("setOrderReturnStatus", {"return_id": return_id, "status_id": status_id})

    def set_order_return_statuses(self, return_ids: Iterable[int], status_id: int) -> None:
        """One status for many returns."""
        self._write("setOrderReturnStatuses", {"return_ids": list(return_ids), "status_id": status_id})

    def get_order_return_status_list(self) -> list[Json]:
        """Rows as of the statuses of orders."""
        return self._rows("getOrderReturnStatusList", "statuses")

    def get_order_return_product_statuses(self) -> list[Json]:
        """Statuses of single lines: status_id, name."""
        return self._rows("getOrderReturnProductStatuses", "order_return_product_statuses")

    def get_order_return_reasons_list(self) -> list[Json]:
        """Rows: return_reason_id, name."""
        return self._rows("getOrderReturnReasonsList", "return_reasons")

    def get_order_return_extra_fields(self) -> list[Json]:
        """Rows as of the extra fields of orders."""
        return self._rows("getOrderReturnExtraFields", "extra_fields")

    def run_order_return_macro_trigger(self, return_id: int, trigger_id: int) -> None:
        """Starts the seller's own event on a return; its number stands in the panel's automatic actions."""
        self._write("runOrderReturnMacroTrigger", {"return_id": return_id, "trigger_id": trigger_id})

    def get_order_return_payments_history(self, return_id: int, *, full: bool = False) -> list[Json]:
        """As for orders, without comments."""
        asked = {"return_id": return_id, "show_full_history": full}
        return self._rows("getOrderReturnPaymentsHistory", "payments", asked)

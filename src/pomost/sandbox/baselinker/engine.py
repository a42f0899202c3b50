"""What each method does, put together: state, orders, papers, journal, limit and faults."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pomost.sandbox.baselinker import state as defaults
from pomost.sandbox.baselinker.faults import Faults
from pomost.sandbox.baselinker.limits import Limit
from pomost.sandbox.baselinker.orders import Orders
from pomost.sandbox.baselinker.papers import Papers
from pomost.sandbox.baselinker.protocol import integer
from pomost.sandbox.baselinker.state import Json, State

JOURNAL_DAYS = 3


@dataclass(slots=True)
class Settings:
    """How this BaseLinker behaves. ``limit`` 0 turns the limit off; ``profile`` is modern or legacy (numbers as text).

    ``last_log_inclusive`` and ``journal_page`` cover what the reference does not know; ``over_long`` cut or refuse.
    """

    token: str = "1000-1000-SANDBOXTOKEN"
    limit: int = 100
    window_s: float = 60.0
    block_s: float = 600.0
    strict: bool = True
    journal: bool = True
    journal_page: int = 100
    last_log_inclusive: bool = True
    profile: str = "modern"
    empty_maps_as_lists: bool = True
    over_long: str = "cut"
    delay_s: float = 0.0


class Engine:
    def __init__(
        self,
        path: Path | None,
        settings: Settings,
        base: Callable[[], str],
        now: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.state = State(path)
        self.now = now
        self.limit = Limit(settings.limit, settings.window_s, settings.block_s)
        self.faults = Faults()
        self.orders = Orders(self.state, now, lambda file_id: f"{base()}/files/{file_id}")
        self.papers = Papers(self.state, self.orders, now)
        self._methods = self._table()

    def do(self, method: str, p: Json) -> Json:
        """Runs a method whose parameters were checked; all of it or nothing."""
        with self.state.lock:
            self.orders.journal_late_s = 0.0
            if (late := self.faults.strike("journal-late", method, p)) is not None:
                self.orders.journal_late_s = late.seconds
            self.state.db.execute("BEGIN")
            try:
                answer = self._methods[method](p)
                if method == "getOrders" and self.faults.strike("shifting-page", method, p):
                    self._shift()
            except BaseException:
                self.state.db.execute("ROLLBACK")
                raise
            self.state.db.execute("COMMIT")
            return answer

    def note(self, method: str, token: str, outcome: str) -> None:
        with self.state.lock:
            self.state.note_call(method, self.now(), token, outcome)

    def _table(self) -> dict[str, Callable[[Json], Json]]:
        orders, papers = self.orders, self.papers
        return {
            "getOrders": orders.get,
            "getJournalList": self._journal,
            "getOrderStatusList": lambda p: {"statuses": statuses(defaults.STATUSES)},
            "getOrderExtraFields": lambda p: {
                "extra_fields": [
                    {"extra_field_id": key, "name": name, "editor_type": editor}
                    for key, name, editor in defaults.EXTRA_FIELDS
                ]
            },
            "getOrderSources": lambda p: {"sources": defaults.SOURCES},
            "getOrdersByEmail": lambda p: orders.by("email", p["email"]),
            "getOrdersByPhone": lambda p: orders.by("phone", p["phone"]),
            "getOrderTransactionData": self._transaction,
            "getOrderPaymentsHistory": lambda p: {"payments": self.state.things("payment", p["order_id"])},
            "getOrderPickPackHistory": lambda p: {"history": []},
            "getOrderPrintoutTemplates": lambda p: {"printouts": []},
            "addOrder": orders.add_order,
            "setOrderFields": orders.set_fields,
            "addOrderProduct": orders.add_line,
            "setOrderProductFields": orders.set_line,
            "deleteOrderProduct": orders.delete_line,
            "setOrderPayment": orders.set_payment,
            "setOrderStatus": self._set_status,
            "setOrderStatuses": self._set_statuses,
            "deleteOrders": lambda p: orders.remove(p["order_ids"]),
            "addOrderDuplicate": lambda p: orders.duplicate(p["order_id"]),
            "addOrderBySplit": orders.split,
            "setOrdersMerge": orders.merge,
            "getSeries": lambda p: {
                "series": [
                    {"id": key, "type": kind, "name": name, "format": form}
                    for key, kind, name, form in defaults.SERIES
                ]
            },
            "addInvoice": papers.add_invoice,
            "addInvoiceCorrection": papers.add_correction,
            "getInvoices": papers.invoices,
            "getInvoiceFile": papers.invoice_file,
            "addOrderInvoiceFile": lambda p: papers.add_file("invoice", p),
            "addReceipt": papers.add_receipt,
            "getReceipt": papers.receipt,
            "getReceipts": lambda p: papers.receipts(p, new=False),
            "getNewReceipts": lambda p: papers.receipts(p, new=True),
            "setOrderReceipt": papers.set_receipt,
            "addOrderReceiptFile": lambda p: papers.add_file("receipt", p),
            "getOrderReturnJournalList": papers.return_journal,
            "getOrderReturns": papers.returns,
            "getOrderReturnStatusList": lambda p: {"statuses": statuses(defaults.RETURN_STATUSES)},
            "addOrderReturn": papers.add_return,
            "setOrderReturnStatus": lambda p: papers.change_return(p, 11, status_id=p["status_id"]),
            "setOrderReturnRefund": lambda p: papers.change_return(p, 5, refund_done=p["order_refund_done"]),
        }

    def _set_status(self, p: Json) -> Json:
        self.orders.set_status(p["order_id"], p["status_id"], "setOrderStatus")
        return {}

    def _set_statuses(self, p: Json) -> Json:
        for value in p["order_ids"]:
            self.orders.set_status(integer(value, "order_ids"), p["status_id"], "setOrderStatuses")
        return {}

    def _transaction(self, p: Json) -> Json:
        order = self.orders.must(p["order_id"])
        return {
            "currency": order["currency"],
            "fulfillment_shipments": [],
            "ship_date_from": "",
            "ship_date_to": "",
            "marketplace_transaction_id": order["external_order_id"],
            "account_id": order["order_source_id"],
            "transaction_date": order["date_add"],
        }

    def _journal(self, p: Json) -> Json:
        """Entries of the last three days from ``last_log_id`` on; always empty where the journal is off."""
        if not self.settings.journal:
            return {"logs": []}
        sign = ">=" if self.settings.last_log_inclusive else ">"
        types = [integer(value, "logs_types") for value in p.get("logs_types", [])]
        rows = self.state.db.execute(
            f"SELECT log_id, log_type, order_id, object_id, date FROM journal WHERE log_id {sign} ? AND date >= ? "  # noqa: S608
            "AND visible_at <= ? AND (? IS NULL OR order_id = ?) ORDER BY log_id LIMIT ?",
            (
                p.get("last_log_id", 0),
                self.now() - JOURNAL_DAYS * 86400,
                self.now(),
                p.get("order_id"),
                p.get("order_id"),
                self.settings.journal_page,
            ),
        ).fetchall()
        logs = [dict(row) for row in rows if not types or row["log_type"] in types]
        if logs and self.faults.strike("journal-duplicates", "getJournalList", p):
            logs = [entry for entry in logs for _twice in (1, 2)]
        if logs and self.faults.strike("journal-out-of-order", "getJournalList", p):
            logs.reverse()
        if logs and self.faults.strike("unknown-journal-types", "getJournalList", p):
            logs.append({**logs[-1], "log_type": 99})
        return {"logs": logs}

    def _shift(self) -> None:
        row = self.state.db.execute(
            "SELECT order_id FROM orders WHERE confirmed = 0 ORDER BY order_id"
        ).fetchone()
        if row is not None:
            self.orders.confirm(int(row[0]))


def statuses(pairs: tuple[tuple[int, str], ...]) -> list[dict[str, Any]]:
    return [
        {
            "id": key,
            "name": name,
            "name_for_customer": name,
            "color": "#7a7a7a",
            "group_id": 0,
            "is_primary": 0,
        }
        for key, name in pairs
    ]

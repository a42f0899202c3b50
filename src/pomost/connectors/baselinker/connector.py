"""BaseLinker as a sales channel: what it can do, and how each act is done in the fewest calls."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pomost.connectors.baselinker.client import Client, Limiter
from pomost.connectors.baselinker.looking import FLAGS, Looking, OwnWrites
from pomost.connectors.baselinker.mapping import Words, order_from_wire, order_to_wire
from pomost.connectors.baselinker.statuses import StatusBatcher
from pomost.ports import Failure, FileToSend, Json, NeedsPerson, OutgoingOrder, Page, Seen, WriteBack
from pomost.trade.order import Order

FILE_LIMIT = 2 * 1024 * 1024
TITLE_LIMIT = 40
OLD_FIELDS = ("extra_field_1", "extra_field_2")
OLD_FIELD_LIMIT = 50
NUMBER_LIMITS = {"invoice": 30, "receipt": 20}
MARK = "pomost:"
WORDS_S = 600.0


@dataclass(frozen=True, slots=True)
class Account:
    """Settings of one account. ``watched`` are names of statuses that flows wait for."""

    name: str
    url: str
    token: str
    watched: tuple[str, ...] = ()
    journal: str = "auto"
    import_from: datetime | None = None
    relist_s: float = 300.0
    default_currency: str = "PLN"
    status_linger_s: float = 0.05
    timeout_s: float = 30.0


class BaseLinkerChannel:
    """One account as SalesChannel. Safe for many threads."""

    def __init__(self, account: Account, limiter: Limiter, now: Callable[[], float] = time.time) -> None:
        self.account = account
        self.client = Client(account.name, account.url, account.token, limiter, timeout_s=account.timeout_s)
        self._own = OwnWrites()
        self._words: Words | None = None
        self._words_at = 0.0
        self._words_lock = threading.Lock()
        self._batcher = StatusBatcher(self._send_statuses, account.status_linger_s)
        self._looking = Looking(
            self.client,
            self._seen,
            self._own,
            journal=account.journal,
            watched=self._watched_ids,
            import_from=int(account.import_from.timestamp()) if account.import_from else 0,
            relist_s=account.relist_s,
            now=now,
        )

    def capabilities(self) -> frozenset[str]:
        return frozenset({"fields", "status", "file-field", "document-file", "place", "journal"})

    # --- reading -------------------------------------------------------------------------------------------------

    def look(self, cursor: Json) -> Iterator[Page]:
        return self._looking.look(cursor)

    def read(self, external_id: str) -> Seen | None:
        raw = self._raw(external_id)
        return self._seen(raw) if raw is not None else None

    def parse(self, raw: Json) -> Order:
        return order_from_wire(raw, self.words(), self.account.default_currency)

    def _raw(self, external_id: str) -> Json | None:
        parameters = {"order_id": int(external_id), "get_unconfirmed_orders": True, **FLAGS}
        rows = self.client.read("getOrders", parameters).get("orders") or []
        return rows[0] if rows else None

    def _seen(self, raw: Json) -> Seen:
        """One order that can't be read must not hide the others: it is kept with what is wrong with it."""
        external_id = str(raw.get("order_id", ""))
        comment = str(raw.get("admin_comments") or "")
        marker = comment.removeprefix(MARK).split()[0] if comment.startswith(MARK) and comment != MARK else ""
        try:
            return Seen(external_id, raw, self.parse(raw), None, marker)
        except NeedsPerson as problem:
            return Seen(external_id, raw, None, problem, marker)

    # --- writing -------------------------------------------------------------------------------------------------

    def write(self, what: WriteBack) -> None:
        """One setOrderFields for all texts and the file; a BaseLinker document with a file of ours where that is wanted."""
        parameters = self._fields(what)
        if len(parameters) > 1:
            self._own.note_fields(what.order_id)
            self.client.write("setOrderFields", parameters)
        if what.document_file and what.file is not None:
            self._attach(what, what.file)

    def is_written(self, what: WriteBack) -> bool:
        raw = self._raw(what.order_id)
        if raw is None:
            raise _unknown_order(what.order_id)
        wanted = self._fields(what)
        custom = raw.get("custom_extra_fields") or {}
        for name, value in wanted.items():
            if name == "custom_extra_fields":
                for key, text in value.items():
                    there = custom.get(key, "") if isinstance(custom, dict) else ""
                    expected = text["title"] if isinstance(text, dict) else text
                    if (there.get("title") if isinstance(there, dict) else there) != expected:
                        return False
            elif name != "order_id" and str(raw.get(name, "")) != str(value):
                return False
        if what.document_file and what.file is not None:
            return self._attached(what, what.file) is not None
        return True

    def set_status(self, external_ids: Iterable[str], status: str) -> None:
        self._batcher.move(list(external_ids), self._status_id(status))

    def _send_statuses(self, ids: Sequence[str], status_id: int) -> None:
        for start in range(0, len(ids), 100):
            part = ids[start : start + 100]
            for order_id in part:
                self._own.note_status(order_id, status_id)
            self.client.write(
                "setOrderStatuses", {"order_ids": [int(i) for i in part], "status_id": status_id}
            )

    def _fields(self, what: WriteBack) -> Json:
        words = self.words()
        parameters: Json = {"order_id": int(what.order_id)}
        custom: Json = {}
        for name, text in what.fields.items():
            if name in OLD_FIELDS:
                if len(text) > OLD_FIELD_LIMIT:
                    raise NeedsPerson(
                        "baselinker.too-long",
                        f'"{text}" does not fit into {name} ({OLD_FIELD_LIMIT} characters).',
                        "Use an own extra field instead; a number is never cut.",
                    )
                parameters[name] = text
            elif name == "admin_comments":
                parameters[name] = text[:200]
            else:
                custom[self._field_id(name, words)] = text
        if what.file is not None and what.file_field:
            key = self._field_id(what.file_field, words)
            if key not in words.file_fields:
                raise NeedsPerson(
                    "baselinker.not-a-file-field",
                    f'The field "{what.file_field}" does not take files.',
                    "Make one of type file.",
                )
            custom[key] = {"title": what.file.name[-TITLE_LIMIT:], "file": _data(what.file)}
        if custom:
            parameters["custom_extra_fields"] = custom
        return parameters

    def _field_id(self, name: str, words: Words) -> str:
        key = words.field_id(name)
        if key is None:
            words = self.words(fresh=True)
            key = words.field_id(name)
        if key is None:
            raise NeedsPerson(
                "baselinker.unknown-field",
                f'"{self.account.name}" has no extra field "{name}".',
                f"Its fields: {', '.join(words.fields.values()) or 'none'}, {', '.join(OLD_FIELDS)}.",
            )
        return key

    # --- documents of BaseLinker that carry our file -----------------------------------------------------------------

    def _attach(self, what: WriteBack, file: FileToSend) -> None:
        kind = "receipt" if what.document_file == "receipt" else "invoice"
        document_id = self._attached(what, file)
        if document_id is None:
            document_id = self._empty_document(what, kind)
        if document_id is None:
            parameters: Json = {"order_id": int(what.order_id)}
            if what.series:
                parameters["series_id"] = int(what.series)
            self._own.note_fields(what.order_id)
            answer = self.client.write("addInvoice" if kind == "invoice" else "addReceipt", parameters)
            document_id = int(answer[f"{kind}_id"])
        method = "addOrderInvoiceFile" if kind == "invoice" else "addOrderReceiptFile"
        longest = NUMBER_LIMITS[kind]
        if len(file.number) > longest:
            raise NeedsPerson(
                "baselinker.too-long",
                f'"{file.number}" does not fit into the number of a {kind} ({longest} characters).',
                "Choose a shorter numbering; a number is never cut.",
            )
        number = {f"external_{kind}_number": file.number}
        self.client.write(method, {f"{kind}_id": document_id, "file": _data(file), **number})

    def _documents(self, what: WriteBack) -> list[tuple[int, str]]:
        """BaseLinker's documents of the order: id and the number we gave them."""
        if what.document_file != "receipt":
            rows = self.client.read("getInvoices", {"order_id": int(what.order_id)}).get("invoices") or []
            return [(int(row["invoice_id"]), str(row.get("external_invoice_number") or "")) for row in rows]
        try:
            row = self.client.read("getReceipt", {"order_id": int(what.order_id)})
        except NeedsPerson:
            return []
        return [(int(row["receipt_id"]), str(row.get("external_receipt_number") or ""))]

    def _attached(self, what: WriteBack, file: FileToSend) -> int | None:
        return next((key for key, number in self._documents(what) if number and number == file.number), None)

    def _empty_document(self, what: WriteBack, kind: str) -> int | None:
        """A document without a number of ours: made by a run that was cut before it could attach the file."""
        return next((key for key, number in self._documents(what) if not number), None)

    # --- orders of the ERP ---------------------------------------------------------------------------------------

    def place(self, what: OutgoingOrder) -> str:
        parameters = order_to_wire(what, self._status_id(what.status), MARK + what.key)
        answer = self.client.write("addOrder", parameters)
        return str(answer["order_id"])

    def find_placed(self, key: str) -> str | None:
        """Looks through manual orders of the last days: an order that we placed carries our key in its remark."""
        since = int(time.time()) - 3 * 86400
        after = 0
        while True:
            parameters = {"date_from": since, "id_from": after, "get_unconfirmed_orders": True}
            rows = self.client.read("getOrders", parameters).get("orders") or []
            for row in rows:
                if str(row.get("admin_comments") or "").split(" ")[0] == MARK + key:
                    return str(row["order_id"])
            if len(rows) < 100:
                return None
            after = max(int(row["order_id"]) for row in rows) + 1

    # --- words ---------------------------------------------------------------------------------------------------

    def words(self, *, fresh: bool = False) -> Words:
        """Statuses and extra fields of the account, kept for ten minutes."""
        with self._words_lock:
            if self._words is None or fresh or time.monotonic() - self._words_at > WORDS_S:
                statuses = self.client.read("getOrderStatusList").get("statuses") or []
                fields = self.client.read("getOrderExtraFields").get("extra_fields") or []
                if isinstance(fields, dict):
                    fields = list(fields.values())
                self._words = Words(
                    {int(row["id"]): str(row["name"]) for row in statuses},
                    {str(row["extra_field_id"]): str(row["name"]) for row in fields},
                    frozenset(
                        str(row["extra_field_id"]) for row in fields if row.get("editor_type") == "file"
                    ),
                )
                self._words_at = time.monotonic()
            return self._words

    def _status_id(self, name: str) -> int:
        found = self.words().status_id(name)
        if found is None:
            found = self.words(fresh=True).status_id(name)
        if found is None:
            raise NeedsPerson(
                "baselinker.unknown-status",
                f'"{self.account.name}" has no status "{name}".',
                f"Its statuses: {', '.join(self.words().statuses.values())}.",
            )
        return found

    def _watched_ids(self) -> list[int]:
        words = self.words()
        return [found for name in self.account.watched if (found := words.status_id(name)) is not None]

    def check_words(self, statuses: Iterable[str], fields: Iterable[str]) -> list[str]:
        words = self.words(fresh=True)
        missing = [
            f'"{self.account.name}" has no status "{name}"; it has {", ".join(words.statuses.values())}'
            for name in statuses
            if words.status_id(name) is None
        ]
        missing += [
            f'"{self.account.name}" has no extra field "{name}"; it has {", ".join(words.fields.values()) or "none"}'
            for name in fields
            if name not in OLD_FIELDS and name != "admin_comments" and words.field_id(name) is None
        ]
        return missing

    def close(self) -> None:
        self.client.close()


def _data(file: FileToSend) -> str:
    if not file.content.startswith(b"%PDF"):
        raise NeedsPerson(
            "baselinker.bad-file", f'"{file.name}" is empty or no PDF.', "Look at the template, then retry."
        )
    if len(file.content) > FILE_LIMIT:
        raise NeedsPerson(
            "baselinker.file-too-large",
            f'"{file.name}" is larger than 2 MB.',
            "Use a smaller picture in the template.",
        )
    return "data:" + base64.b64encode(file.content).decode()


def _unknown_order(order_id: str) -> Failure:
    return NeedsPerson(
        "baselinker.unknown-order",
        f"BaseLinker has no order {order_id}.",
        "It may have been deleted; skip it.",
    )

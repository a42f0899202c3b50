"""BaseLinker's own receipt of an order: our file, and the number that a fiscal printer gave the sale."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pomost.connectors.baselinker.lengths import fit
from pomost.connectors.baselinker.methods import BaseLinkerClient
from pomost.connectors.baselinker.wire_types import as_int, as_text
from pomost.ports import FileToSend, FiscalNumber, Json, NeedsPerson


class Receipts:
    """An order has one receipt in BaseLinker. ``series``: the id of a series of the kind RECEIPT by what a flow calls it."""

    def __init__(self, client: BaseLinkerClient, series: Callable[[str], int | None]) -> None:
        self._client = client
        self._series = series

    def write(
        self, order_id: int, series: str, file: FileToSend | None, encoded: str, fiscal: FiscalNumber | None
    ) -> None:
        """Puts what is given on the order's receipt, which is made where there is none; what it shows already is left.

        Raises NeedsPerson ``baselinker.receipt-printed`` where another printer gave the receipt a number.
        """
        # A number without room must be refused before a receipt is made for it.
        fit(_numbers(file, fiscal))
        found = self.of_order(order_id)
        if found is None:
            receipt_id = self._client.add_receipt(order_id, self._series(series))
            found = {}
        else:
            receipt_id = as_int(found.get("receipt_id"))
        if fiscal is not None and not _has_number(found, fiscal):
            if found:
                self._check_not_printed(order_id, receipt_id, found, fiscal)
            self._client.set_order_receipt(
                receipt_id, fiscal.number, seconds(fiscal.printed_at), printer=fiscal.printer or None
            )
        if file is not None and not _has_file(found, file):
            self._client.add_order_receipt_file(receipt_id, encoded, file.number)

    def shows(self, order_id: int, file: FileToSend | None, fiscal: FiscalNumber | None) -> bool:
        """Whether the order's receipt shows all that is given."""
        found = self.of_order(order_id)
        return (
            found is not None
            and (file is None or _has_file(found, file))
            and (fiscal is None or _has_number(found, fiscal))
        )

    def of_order(self, order_id: int) -> Json | None:
        """An order without receipt may be answered with an empty one or with a refusal (not documented)."""
        try:
            found = self._client.get_receipt(order_id=order_id)
        except NeedsPerson as refused:
            words = f"{refused.facts.get('error_code', '')} {refused.facts.get('answer', '')}".lower()
            if "receipt" in words or "order_id" in words:
                return None
            raise
        return found if as_text(found.get("receipt_id")) not in ("", "0") else None

    def _check_not_printed(self, order_id: int, receipt_id: int, found: Json, fiscal: FiscalNumber) -> None:
        """A receipt that waits for a printer may get our number; one that a printer has printed is a second sale."""
        for issued in self._client.get_receipts(id_from=receipt_id):
            if as_int(issued.get("receipt_id")) == receipt_id and not _has_number(issued, fiscal):
                raise NeedsPerson(
                    "baselinker.receipt-printed",
                    f'Order {order_id} has the receipt "{as_text(issued.get("receipt_full_nr"))}" in BaseLinker, and '
                    f"ours is {fiscal.number}: the sale may be registered twice.",
                    "Look on both printers; see that only one prints for this series, then skip the step.",
                    order=str(order_id),
                )


def seconds(moment: datetime) -> int:
    """Unix seconds, as BaseLinker has them."""
    return int(moment.timestamp())


def _numbers(file: FileToSend | None, fiscal: FiscalNumber | None) -> Json:
    asked: Json = {}
    if file is not None:
        asked["external_receipt_number"] = file.number
    if fiscal is not None:
        asked["receipt_nr"] = fiscal.number
    return asked


def _has_file(found: Json, file: FileToSend) -> bool:
    return as_text(found.get("external_receipt_number")) == file.number


def _has_number(found: Json, fiscal: FiscalNumber) -> bool:
    return as_text(found.get("receipt_full_nr")) == fiscal.number

"""The port FiscalPrinter with e-receipts: the device registers and issues the e-document, the keeper keeps its copy."""

from __future__ import annotations

from dataclasses import replace

import structlog

from pomost.connectors.ereceipt.keeper import Copy, Keeper
from pomost.ports import FiscalPrinter, FiscalReceipt, Json, NeedsPerson, ReceiptToPrint

log = structlog.get_logger()


class EReceipts:
    """``device`` must issue e-documents (POSNET: setting ``e_document``): no file of ours is a fiscal receipt.

    A buyer without an e-mail address gets paper: an e-receipt needs the buyer's consent (VAT act, art. 111(3a)).
    Raises NeedsPerson ``ereceipt.no-device`` for a device that can't.
    """

    def __init__(self, device: FiscalPrinter, keeper: Keeper) -> None:
        if "e-receipt" not in device.capabilities():
            raise NeedsPerson(
                "ereceipt.no-device",
                "This fiscal printer issues no e-documents, and without one there is no e-receipt.",
                "Set the printer's e-document settings, or print on paper.",
            )
        self._device = device
        self._keeper = keeper

    def capabilities(self) -> frozenset[str]:
        return self._device.capabilities()

    def mark(self) -> Json:
        return self._device.mark()

    def print_receipt(self, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt:
        """As the device; the link leads to the kept copy where copies are served."""
        return self._with_copy(receipt, self._device.print_receipt(receipt, mark))

    def printed_since(self, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt | None:
        found = self._device.printed_since(receipt, mark)
        return None if found is None else self._with_copy(receipt, found)

    def copy(self, receipt: ReceiptToPrint, fiscal: FiscalReceipt) -> Copy:
        """The kept files of a registered receipt, to be mailed. ``fiscal`` as the device gave it or as given here.

        Raises OSError.
        """
        return self._keeper.keep(receipt, fiscal)

    def _with_copy(self, receipt: ReceiptToPrint, fiscal: FiscalReceipt) -> FiscalReceipt:
        if not receipt.email:
            return fiscal
        try:
            copy = self._keeper.keep(receipt, fiscal)
        except OSError as error:
            # The sale is registered; a copy that can't be written must not look like a receipt that failed.
            log.warning("copy not kept", fiscal_number=fiscal.number, error=type(error).__name__)
            return fiscal
        return replace(fiscal, link=copy.link or fiscal.link)

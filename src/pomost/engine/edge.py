"""Devices whose callers do not count as workers while they wait for an answer (paper, a busy interface, a slow server)."""

from __future__ import annotations

from pomost.engine.crew import resting
from pomost.ports import Bounce, FiscalPrinter, FiscalReceipt, Json, Mail, Mailer, ReceiptToPrint


class RestingPrinter:
    """``device``, with every wait for it a rest."""

    def __init__(self, device: FiscalPrinter) -> None:
        self._device = device

    def capabilities(self) -> frozenset[str]:
        return self._device.capabilities()

    def mark(self) -> Json:
        with resting():
            return self._device.mark()

    def print_receipt(self, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt:
        with resting():
            return self._device.print_receipt(receipt, mark)

    def printed_since(self, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt | None:
        with resting():
            return self._device.printed_since(receipt, mark)


class RestingMailer:
    """``mailer``, with every wait for it a rest."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer

    def send(self, mail: Mail) -> None:
        with resting():
            self._mailer.send(mail)

    def bounces(self, cursor: Json) -> tuple[tuple[Bounce, ...], Json]:
        return self._mailer.bounces(cursor)

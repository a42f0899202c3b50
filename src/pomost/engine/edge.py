"""Devices whose callers do not count as workers while they wait for an answer (paper, a busy interface, a slow server)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pomost.engine.crew import resting
from pomost.ports import Bounce, Failure, FiscalPrinter, FiscalReceipt, Json, Mail, Mailer, ReceiptToPrint

Hear = Callable[[Failure | None], None]
"""Is told how a use ended: None where there was an answer."""


@contextmanager
def _used(hear: Hear) -> Iterator[None]:
    try:
        with resting():
            yield
    except Failure as failure:
        hear(failure)
        raise
    hear(None)


class RestingPrinter:
    """``device``, with every wait for it a rest, and its answers heard."""

    def __init__(self, device: FiscalPrinter, hear: Hear) -> None:
        self._device = device
        self._hear = hear

    def capabilities(self) -> frozenset[str]:
        return self._device.capabilities()

    def mark(self) -> Json:
        with _used(self._hear):
            return self._device.mark()

    def print_receipt(self, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt:
        with _used(self._hear):
            return self._device.print_receipt(receipt, mark)

    def printed_since(self, receipt: ReceiptToPrint, mark: Json) -> FiscalReceipt | None:
        with _used(self._hear):
            return self._device.printed_since(receipt, mark)


class RestingMailer:
    """``mailer``, with every wait for it a rest, and its answers heard."""

    def __init__(self, mailer: Mailer, hear: Hear) -> None:
        self._mailer = mailer
        self._hear = hear

    def send(self, mail: Mail) -> None:
        with _used(self._hear):
            self._mailer.send(mail)

    def bounces(self, cursor: Json) -> tuple[tuple[Bounce, ...], Json]:
        return self._mailer.bounces(cursor)

"""A shop's counter: a printer at 127.0.0.1, the driver that prints there, and receipts of sample goods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pomost.connectors.posnet.connector import PosnetPrinter
from pomost.connectors.posnet.settings import Settings
from pomost.ports import FiscalReceipt, ReceiptLine, ReceiptToPrint
from pomost.sandbox.posnet import Emulator
from pomost.trade.vat import VatRate
from tests.sandbox.posnet.wire import Wire

NIP = "5260250274"
NUMBER = "ZBF 2101000001"


def line(
    sku: str = "KUBEK-1",
    name: str = "Kubek",
    quantity: str = "1",
    price: str = "12.99",
    gross: str | None = None,
    vat: str = "23",
) -> ReceiptLine:
    value = Decimal(gross) if gross is not None else Decimal(quantity) * Decimal(price)
    return ReceiptLine(sku, name, Decimal(quantity), "szt.", Decimal(price), value, VatRate.of(vat))


def receipt(*lines: ReceiptLine, **changed: Any) -> ReceiptToPrint:
    """Paid by card to the grosz unless said otherwise."""
    taken = lines or (line(quantity="2"), line("HERB-1", "Herbata", vat="8", price="8.00"))
    total = sum((one.gross for one in taken), Decimal(0))
    values: dict[str, Any] = {
        "key": "order-1:fiscal",
        "lines": taken,
        "total": total,
        "payments": {"card": total},
        "order_number": "100001",
        "document_number": "PA/1/2026",
    }
    return ReceiptToPrint(**(values | changed))


@dataclass
class Clock:
    now: datetime = datetime.fromisoformat("2026-03-02T12:00")

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Counter:
    """The emulator holds the truth; ``driver`` makes another process's driver with the same or its own register."""

    folder: Path
    emulator: Emulator
    clock: Clock

    def settings(self, register: str = "register.db", **changed: Any) -> Settings:
        values: dict[str, Any] = {
            "register": self.folder / register,
            "host": "127.0.0.1",
            "port": self.emulator.port,
            "command_timeout_s": 5.0,
            "print_timeout_s": 5.0,
            "doubt_wait_s": 0.5,
            "turn_wait_s": 5.0,
        }
        return Settings(**(values | changed))

    def driver(self, register: str = "register.db", **changed: Any) -> PosnetPrinter:
        return PosnetPrinter(self.settings(register, **changed))

    def print(self, what: ReceiptToPrint, **changed: Any) -> FiscalReceipt:
        driver = self.driver(**changed)
        return driver.print_receipt(what, driver.mark())

    def other_program_sells(self, name: str = "Inny towar", slot: int = 0, price: int = 500) -> None:
        """On the printer's second interface."""
        with Wire(self.emulator.second_port) as wire:
            assert wire.sell((name, slot, price)) == 0

    def totals(self) -> list[int]:
        return [one.total for one in self.emulator.receipts()]

    def nothing_open(self) -> bool:
        return self.emulator.printer.open is None

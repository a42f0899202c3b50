"""A process of its own that prints or asks; it kills itself by SIGKILL at a named frame.

Arguments: a JSON file with host, port, register, receipt; an act; a point. Acts: ``print`` with the mark in the file,
``recover``: ask with the mark and print when it was not printed. Points: "before N" and "after N": at the sending of
the N-th frame, "-" for none. What happened goes to standard output as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from decimal import Decimal
from pathlib import Path

from pomost.connectors.posnet.client import TcpTransport
from pomost.connectors.posnet.connector import PosnetPrinter
from pomost.connectors.posnet.settings import EDocument, Settings
from pomost.ports import Failure, ReceiptLine, ReceiptToPrint
from pomost.trade.vat import VatRate

RECEIPT = ReceiptToPrint(
    key="order-1:fiscal",
    lines=(
        ReceiptLine(
            "KUBEK-1", "Kubek", Decimal(2), "szt.", Decimal("12.99"), Decimal("23.38"), VatRate.of(23)
        ),
        ReceiptLine("HERB-1", "Herbata", Decimal(1), "szt.", Decimal("8.00"), Decimal("8.00"), VatRate.of(8)),
    ),
    total=Decimal("31.38"),
    payments={"cash": Decimal("40.00")},
    nip="5260250274",
    order_number="100001",
    email="anna@example.com",
)


def settings(given: dict[str, str]) -> Settings:
    return Settings(
        register=Path(given["register"]),
        host="127.0.0.1",
        port=int(given["port"]),
        footer=True,
        e_document=EDocument(),
        command_timeout_s=5,
        print_timeout_s=5,
        doubt_wait_s=5,
    )


def kill_at(point: str) -> None:
    if point == "-":
        return
    when, place = point.split()
    sent = 0
    send = TcpTransport.send

    def counted(transport: TcpTransport, data: bytes) -> None:
        nonlocal sent
        sent += 1
        hit = sent == int(place)
        if hit and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        send(transport, data)
        if hit and when == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    TcpTransport.send = counted  # type: ignore[method-assign]


def main(file: str, act: str, point: str) -> None:
    given = json.loads(Path(file).read_text(encoding="utf-8"))
    printer = PosnetPrinter(settings(given))
    kill_at(point)
    said: dict[str, str] = {}
    try:
        if act == "print":
            said["printed"] = printer.print_receipt(RECEIPT, given["mark"]).number
        else:
            found = printer.printed_since(RECEIPT, given["mark"])
            said["found"] = found.number if found else ""
            if found is None:
                said["printed"] = printer.print_receipt(RECEIPT, printer.mark()).number
    except Failure as failure:
        said["failure"] = f"{type(failure).__name__} {failure.code}"
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])

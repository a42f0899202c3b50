"""A panel over a ledger with a sale, a return, a kit and an unpaid invoice, as the pages of the ledger show them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pomost.ledger.reading.documents import rows_of
from pomost.ledger.reading.items import item_id_of
from pomost.trade.documents import CorrectionAsked, Document, Draft, DraftLine, LineChange
from pomost.trade.order import Address, Party
from pomost.trade.vat import VatRate
from tests.house import TODAY
from tests.panel.conftest import Desk

FIRM = Party(
    name="Jan <b>Kowalski</b>",
    company='Świece "Łuna" & Syn <script>alert(1)</script>',
    tax_id="5260250274",
    email="jan.kowalski@example.com",
    address=Address("Próbna 3", "00-001", "Łódź", "", "PL"),
)
HOSTILE = "<img src=x onerror=alert(1)>"


class Books:
    """The documents by their kind."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        ledger = self.ledger = desk.pomost.ledger
        ledger.setup.put_items(
            "main",
            [
                {
                    "sku": "KUBEK",
                    "name": f"Kubek {HOSTILE}",
                    "vat": "23",
                    "ean": "5901234123457",
                    "prices": {"detal": "19.99"},
                },
                {"sku": "SPODEK", "name": "Spodek", "vat": "8"},
                {"sku": "ZESTAW", "name": "Zestaw", "vat": "23", "parts": {"KUBEK": 2, "SPODEK": 1}},
            ],
        )
        ledger.setup.receive("main", "MAG", {"KUBEK": (20, "5.50"), "SPODEK": (9, "2.00")}, "start", on=TODAY)
        self.order = self._issue("RO", "ro", _line(4), foreign_number="70001", notes=HOSTILE)
        self.invoice = self._issue(
            "FS", "fs", sources=(self.order.id,), attributes={"ORDER_ID": "70001", HOSTILE: HOSTILE}
        )
        self.goods = self._issue("WZ", "wz", sources=(self.invoice.id,))
        self.correction = self._issue(
            "FSK",
            "fsk",
            sources=(self.invoice.id,),
            correction=CorrectionAsked(
                (LineChange(self.invoice.lines[0].id, Decimal(1)),),
                "zwrot",
                agreed_on=TODAY,
                agreement="oświadczenie",
            ),
        )
        self.held = self._issue("RO", "ro2", _line(3), foreign_number="70002")
        ledger.pay("main", "fs", payment="p1", amount=Decimal("30.00"), form="przelew", on=TODAY)

    def _issue(self, kind: str, key: str, *lines: DraftLine, **more: Any) -> Document:
        return self.ledger.issue(Draft(kind, "main", key, TODAY, lines=lines, buyer=FIRM, **more))

    def more_orders(self, number: int, company: str = "main") -> Document:
        """One more order, a ZK."""
        draft = Draft("ZK", company, f"zk{number}", TODAY, lines=(_line(1),), buyer=FIRM)
        return self.ledger.issue(draft)

    @property
    def contractor(self) -> int:
        return self.ledger.ask(lambda c: rows_of(c, [int(self.invoice.id)]))[0].contractor_id

    def item(self, sku: str) -> int:
        found = self.ledger.ask(lambda c: item_id_of(c, "main", sku))
        assert found is not None
        return found


def _line(quantity: int) -> DraftLine:
    return DraftLine("KUBEK", "Kubek", Decimal(quantity), Decimal("19.99"), VatRate(Decimal(23)))


def books(panel: Callable[..., Desk], **wanted: Any) -> Books:
    return Books(panel(**wanted))

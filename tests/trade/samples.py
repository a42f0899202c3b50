"""Orders for the tests of trade. The eight of `BASELINKER` are the cases that BaseLinker's answers come in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from pomost.trade.order import Address, Basis, Delivery, Order, OrderLine, Party
from pomost.trade.vat import VatRate

BUYER = Party(
    name="Anna Przykładowa",
    email="anna@example.com",
    address=Address("ul. Testowa 1", "00-001", "Warszawa", "", "PL"),
)


def line(
    sku: str, quantity: str, price: str, vat: str = "23", line_id: str = "", name: str = ""
) -> OrderLine:
    return OrderLine(
        line_id or f"L-{sku}",
        sku,
        name or f"Produkt {sku}",
        Decimal(quantity),
        Decimal(price),
        VatRate.of(vat),
    )


def order(
    *lines: OrderLine,
    delivery: str | Delivery = "0",
    currency: str = "PLN",
    buyer: Party = BUYER,
    wants_invoice: bool = False,
    basis: Basis = "gross",
) -> Order:
    return Order(
        id="1001",
        number="1001",
        source="baselinker",
        status="new",
        confirmed=True,
        placed_at=datetime(2026, 5, 4, 10, 0, tzinfo=UTC),
        confirmed_at=None,
        currency=currency,
        buyer=buyer,
        lines=lines,
        basis=basis,
        delivery=delivery if isinstance(delivery, Delivery) else Delivery("Kurier", Decimal(delivery)),
        wants_invoice=wants_invoice,
    )


@dataclass(frozen=True)
class Sample:
    order: Order
    total: str
    vat_rows: tuple[tuple[str, str, str, str], ...]


BASELINKER: dict[str, Sample] = {
    "company-with-nip": Sample(
        order(line("DRILL", "1", "399.0"), line("BITS", "2", "54.99"), delivery="14.99"),
        "523.97",
        (("23", "425.99", "97.98", "523.97"),),
    ),
    "two-rates": Sample(
        order(line("MUG", "2", "29.95"), line("BOOK", "1", "73.0", "5"), delivery="15.99"),
        "148.89",
        (("23", "48.70", "11.20", "59.90"), ("5", "84.75", "4.24", "88.99")),
    ),
    "cash-on-delivery": Sample(
        order(line("LAMP", "1", "129.0"), delivery="22.5"), "151.50", (("23", "123.17", "28.33", "151.50"),)
    ),
    "parcel-locker": Sample(
        order(line("SOCK", "1", "57.99"), delivery="9.99"), "67.98", (("23", "55.27", "12.71", "67.98"),)
    ),
    "euro-and-foreign-rates": Sample(
        order(
            line("BITS", "2", "14.95", "DE:19"),
            line("BOOK", "1", "30.0", "DE:7"),
            delivery="4.99",
            currency="EUR",
        ),
        "64.89",
        (("DE:19", "25.13", "4.77", "29.90"), ("DE:7", "32.70", "2.29", "34.99")),
    ),
    "discount-line": Sample(
        order(
            line("COFFEE-A", "1", "120.0"),
            line("COFFEE-B", "1", "49.9"),
            line("SYRUP", "2", "18.5", "8"),
            line("BOOK", "1", "23.49", "5"),
            line("", "1", "-23.04", line_id="rabat", name="Rabat TEST10"),
        ),
        "207.35",
        (
            ("23", "119.40", "27.46", "146.86"),
            ("8", "34.26", "2.74", "37.00"),
            ("5", "22.37", "1.12", "23.49"),
        ),
    ),
    "special-rates": Sample(
        order(
            line("RACK", "4", "250.0", "oo"),
            line("TRAIN", "1", "100.0", "zw"),
            line("SERVICE", "1", "60.0", "np"),
            delivery="80",
            currency="EUR",
        ),
        "1240.00",
        (
            ("zw", "100.00", "0.00", "100.00"),
            ("np", "60.00", "0.00", "60.00"),
            ("oo", "1080.00", "0.00", "1080.00"),
        ),
    ),
    "partly-paid": Sample(
        order(line("TABLE", "1", "1199.0"), line("CHAIR", "4", "189.5"), delivery="49"),
        "2006.00",
        (("23", "1630.89", "375.11", "2006.00"),),
    ),
}
"""Dominant rate for delivery. The net and tax are worked out by hand from gross x r / (100 + r)."""

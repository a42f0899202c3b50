"""Builders of orders for the tests of trade."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pomost.trade.order import Address, Delivery, Order, OrderLine, Party
from pomost.trade.vat import VatRate


def line(
    sku: str = "KUBEK", quantity: str = "1", price: str = "10.00", vat: str = "23", **more: Any
) -> OrderLine:
    return OrderLine(
        id=more.pop("id", f"l-{sku}"),
        sku=sku,
        name=more.pop("name", f"Towar {sku}"),
        quantity=Decimal(quantity),
        price=Decimal(price),
        vat=VatRate.of(vat),
        **more,
    )


def order(*lines: OrderLine, delivery: str = "0", **more: Any) -> Order:
    return Order(
        **{
            "id": "1",
            "number": "1",
            "source": "shop",
            "status": "Nowe",
            "confirmed": True,
            "placed_at": datetime(2026, 11, 25, tzinfo=UTC),
            "confirmed_at": None,
            "currency": "PLN",
            "buyer": Party(name="Anna Przykładowa", address=Address(country="PL")),
            "lines": lines,
            "delivery": Delivery(price=Decimal(delivery)),
            **more,
        }
    )

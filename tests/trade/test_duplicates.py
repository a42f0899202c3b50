"""What makes two orders the same purchase."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pomost.trade.duplicates import contacts, purchase_prints
from pomost.trade.order import Order, OrderLine, Party, Payment
from pomost.trade.vat import VatRate

BOTH = ("external", "buyer+total+lines")


def line(sku: str, quantity: str = "1", price: str = "10.00", name: str = "Kubek") -> OrderLine:
    return OrderLine("7", sku, name, Decimal(quantity), Decimal(price), VatRate.of("23"))


ORDER = Order(
    id="1",
    number="1",
    source="allegro",
    status="Nowe",
    confirmed=True,
    placed_at=datetime(2026, 11, 25, tzinfo=UTC),
    confirmed_at=None,
    currency="PLN",
    buyer=Party(name="Anna Przykładowa", email="anna@example.com", phone="+48 500 000 100"),
    lines=(line("A"), line("B", "2")),
    external_id="9b1d",
)


def alike(one: Order, other: Order, by: tuple[str, ...] = BOTH) -> set[str]:
    """By what the two are alike."""
    first = {found.digest: found.by for found in purchase_prints(one, by)}  # type: ignore[arg-type]
    return {first[found.digest] for found in purchase_prints(other, by) if found.digest in first}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "by"),
    [
        (replace(ORDER, id="2", number="2", status="Anulowane"), {"external", "buyer+total+lines"}),
        (replace(ORDER, external_id="", lines=ORDER.lines[::-1]), {"buyer+total+lines"}),
        (replace(ORDER, external_id="", payment=Payment(paid=Decimal(5))), {"buyer+total+lines"}),
        (replace(ORDER, external_id="", lines=(line("A", "1.0", "10"), line("B", "2"))), {"buyer+total+lines"}),
        (replace(ORDER, external_id="", buyer=Party(phone="500000100")), {"buyer+total+lines"}),
        (replace(ORDER, external_id="", buyer=Party(email=" ANNA@example.com")), {"buyer+total+lines"}),
        (replace(ORDER, external_id="", source="personal", currency="EUR"), set()),
        (replace(ORDER, external_id="", lines=(line("A"), line("B", "3"))), set()),
        (replace(ORDER, external_id="", buyer=Party(name="Anna Przykładowa")), set()),
        (replace(ORDER, buyer=Party(), source="shop"), set()),
        (replace(ORDER, lines=(line("A"),)), {"external"}),
    ],
    ids=[
        "the-same", "lines-in-another-order", "paid-or-not", "numbers-written-otherwise", "only-the-phone",
        "only-the-address", "another-currency", "another-quantity", "a-name-alone-is-not-enough",
        "the-same-number-in-another-shop", "a-part",
    ],
)  # fmt: skip
def test_orders_are_alike(other: Order, by: set[str]) -> None:
    assert alike(ORDER, other) == by


def test_only_what_is_asked_for_is_compared() -> None:
    assert alike(ORDER, ORDER, ("external",)) == {"external"}
    assert alike(ORDER, ORDER, ("buyer+total+lines",)) == {"buyer+total+lines"}


def test_a_line_without_sku_is_known_by_its_name() -> None:
    mugs, plates = (replace(ORDER, lines=(line("", name=name),)) for name in ("Kubek", "Talerz"))

    assert alike(mugs, replace(mugs, lines=(line("", name="KUBEK "),)), ("buyer+total+lines",)) != set()
    assert alike(mugs, plates, ("buyer+total+lines",)) == set()


@pytest.mark.parametrize(
    ("buyer", "found"),
    [
        (Party(), ()),
        (Party(phone="112"), ()),
        (Party(phone="0048 500-000-100"), ("500000100",)),
        (Party(email="A@B.PL", phone="500000100"), ("a@b.pl", "500000100")),
    ],
)
def test_contacts_are_written_alike(buyer: Party, found: tuple[str, ...]) -> None:
    assert contacts(buyer) == found

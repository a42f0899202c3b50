"""Any receipt of valid lines is printed with the document's totals."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from pomost.connectors.posnet.client import build, parse
from pomost.connectors.posnet.mapping import compared_name, printable
from pomost.ports import ReceiptLine, ReceiptToPrint
from pomost.sandbox.posnet import Emulator
from pomost.trade.vat import VatRate
from tests.connectors.posnet.counter import Clock, Counter

GROSZ = Decimal("0.01")
LETTERS = {"23": "A", "8": "B", "5": "C", "0": "D", "zw": "G"}

quantities = some.one_of(
    some.integers(1, 500).map(Decimal),
    some.decimals(Decimal("0.001"), Decimal(100), places=3),
)
prices = some.one_of(
    some.decimals(GROSZ, Decimal(20000), places=2),
    some.decimals(Decimal("0.0001"), Decimal(2000), places=4),
)


@some.composite
def lines(draw: some.DrawFn, number: int) -> ReceiptLine:
    """A line as an ERP makes it: its value is near price times quantity, or less by a discount."""
    quantity, price = draw(quantities), draw(prices)
    full = max((quantity * price).quantize(GROSZ, ROUND_HALF_UP), GROSZ)
    if quantity * price < GROSZ:
        quantity = (GROSZ / price).to_integral_value() + 1
        full = GROSZ
    off = draw(some.sampled_from((Decimal(0), Decimal("0.1"), Decimal("0.333"), Decimal("0.99"))))
    gross = max((full * (1 - off)).quantize(GROSZ, ROUND_HALF_UP), GROSZ)
    vat = draw(some.sampled_from(tuple(LETTERS)))
    name = draw(some.text(max_size=90))
    return ReceiptLine(f"S-{number}-{vat}", name, quantity, "szt", price, gross, VatRate.of(vat))


@some.composite
def receipts(draw: some.DrawFn) -> ReceiptToPrint:
    sold = tuple(draw(lines(number)) for number in range(draw(some.integers(1, 8))))
    total = sum((line.gross for line in sold), Decimal(0))
    card = (total * draw(some.sampled_from((Decimal(0), Decimal("0.5"), Decimal(1))))).quantize(GROSZ)
    cash = total - card
    if cash:
        cash += draw(some.decimals(Decimal(0), Decimal(100), places=2))
    return ReceiptToPrint("key", sold, total, {"card": card, "cash": cash})


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    folder: Path = tmp_path_factory.mktemp("counter")
    clock = Clock()
    with Emulator(folder / "memory.db", clock=clock) as emulator:
        yield Counter(folder, emulator, clock)


@given(what=receipts())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_totals_in_the_fiscal_memory_are_the_documents(counter: Counter, what: ReceiptToPrint) -> None:
    before = len(counter.emulator.receipts())
    counter.print(what)

    (printed,) = counter.emulator.receipts()[before:]
    by_letter: dict[str, int] = {}
    for line in what.lines:
        letter = LETTERS[line.vat.code]
        by_letter[letter] = by_letter.get(letter, 0) + int(line.gross * 100)
    assert printed.slots == by_letter
    assert printed.total == int(what.total * 100)
    assert sum(one["wa"] for one in printed.payments) - printed.change == printed.total
    assert [one["after"] for one in printed.lines] == [int(line.gross * 100) for line in what.lines]


@given(text=some.text())
def test_any_text_becomes_one_that_the_printer_can_print(text: str) -> None:
    found = printable(text)

    assert parse(build("trline", {"na": found})).fields == {"na": found}
    assert printable(found) == found


@given(text=some.text(some.characters(codec="cp1250")))
def test_names_are_compared_without_case_and_signs(text: str) -> None:
    assert compared_name(text.upper()) == compared_name(text.upper().lower())
    assert compared_name(f" -{text}! ") == compared_name(text)

"""Sizes and main items in a sheet."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pomost.imports.apply import apply, check, show
from pomost.imports.export import export
from pomost.imports.preview import Shift
from tests.imports.conftest import Sheet
from tests.imports.test_shop import bring
from tests.ledger.firm import Firm

HEADINGS = ["SKU", "VAT", "Waga kg", "Wysokość cm", "Szerokość", "Długość [cm]", "SKU główny"]


def test_a_sheet_brings_a_main_item_its_variants_and_their_sizes(firm: Firm, xlsx: Sheet) -> None:
    path = xlsx(
        HEADINGS,
        ["KUBEK-L", 23, "0,45", 12.5, "8,25", 10, "KUBEK"],
        ["KUBEK", 23, None, None, None, None, None],
        ["KUBEK-1", None, None, None, None, None, "KUBEK"],
    )
    preview = show(firm.ledger, firm.code, check(firm.ledger, firm.code, "items", path))

    assert preview.findings == []
    assert [one.shifts for one in preview.changed] == [(Shift("parent", "", "KUBEK"),)]
    assert bring(firm, "items", path).written
    card = firm.ledger.cards(firm.code, ["KUBEK-L"])["KUBEK-L"]
    assert (card.weight, card.height, card.width, card.length) == (
        Decimal("0.45"), Decimal("12.5"), Decimal("8.25"), Decimal(10),
    )  # fmt: skip
    assert firm.ledger.variants(firm.code, ["KUBEK"]) == {"KUBEK": ("KUBEK-1", "KUBEK-L")}
    again = bring(firm, "items", path).preview
    assert (again.new, again.changed, again.same) == ([], [], 3)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_comes_out_changes_nothing_when_it_is_brought_back(
    firm: Firm, xlsx: Sheet, tmp_path: Path, ending: str
) -> None:
    bring(firm, "items", xlsx(HEADINGS, ["KUBEK-2", 8, "0,3505", "12,5", 8, 0.01, "KUBEK-1"]))
    out = tmp_path / f"all.{ending}"

    count = export(firm.ledger, firm.code, "items", out)

    back = bring(firm, "items", out).preview
    assert (back.findings, back.new, back.changed, back.same) == ([], [], [], count)


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        (2, -1, "import.negative"),
        (3, "-0,5", "import.negative"),
        (4, "szeroki", "import.not-a-number"),
        (5, 1_000_001, "import.number-too-large"),
        (5, "1.00001", "import.too-many-decimals"),
        (6, "KUBEK-1", "ledger.bad-parent"),
        (6, "NIE-MA", "ledger.bad-parent"),
        (6, "KUBEK-2", "ledger.bad-parent"),
        (6, "ZŁY", "ledger.bad-parent"),
    ],
)
def test_a_bad_cell_is_named_and_the_good_rows_may_go_on(
    firm: Firm, xlsx: Sheet, place: int, value: object, code: str
) -> None:
    bring(firm, "items", xlsx(["SKU", "VAT", "SKU główny"], ["GRUPA", 23, None], ["KUBEK-2", 8, "GRUPA"]))
    row: list[object] = ["KUBEK-1", 23, *[None] * 5]
    row[place] = value
    checked = check(
        firm.ledger,
        firm.code,
        "items",
        # the last two: a row that only stands or falls with a bad one
        xlsx(
            HEADINGS,
            row,
            ["DOBRY", 23, 1, 1, 1, 1, "GRUPA"],
            ["ZŁY", 23, None, None, None, None, "KUBEK-2"],
            name="b.xlsx",
        ),
    )

    outcome = apply(firm.ledger, firm.code, checked, good_rows=True)

    found = {(one.row, one.code, one.heading) for one in outcome.preview.findings}
    assert (2, code, HEADINGS[place]) in found
    assert {number for number, _, _ in found} == {2, 4}
    assert outcome.written
    cards = firm.ledger.cards(firm.code, ["DOBRY", "ZŁY", "KUBEK-1"])
    assert cards["DOBRY"].parent == "GRUPA"
    assert "ZŁY" not in cards
    assert cards["KUBEK-1"].parent is None

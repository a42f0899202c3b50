"""D17: sheets brought into the ledger, as a shopkeeper would tell it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pomost.imports.apply import Outcome, apply, check, show
from pomost.imports.columns import KINDS, Kind
from pomost.imports.export import export
from pomost.ports import NeedsPerson
from pomost.trade.documents import Draft, DraftLine
from pomost.trade.order import Party
from pomost.trade.vat import VatRate
from tests.imports.sheets import text, workbook
from tests.ledger.firm import DAY, Firm, everything_in


def bring(
    firm: Firm, kind: Kind, path: Path, *, good_rows: bool = False, again: bool = False, **more: Any
) -> Outcome:
    checked = check(firm.ledger, firm.code, kind, path, **more)
    return apply(firm.ledger, firm.code, checked, good_rows=good_rows, again=again)


def test_a_preview_says_what_is_new_what_changes_and_what_is_wrong_and_writes_nothing(
    firm: Firm, tmp_path: Path
) -> None:
    sheet = workbook(
        tmp_path / "a.xlsx",
        ["Symbol", "Nazwa", "VAT"],
        ["KUBEK-1", "Kubek śnieżnobiały", "23"],
        ["TALERZ", "Talerz", 0.08],
        ["KUBEK-2", "Kubek czarny", "8"],
        ["MISKA", "Miska", "99"],
    )
    before = everything_in(firm.ledger)

    preview = show(firm.ledger, firm.code, check(firm.ledger, firm.code, "items", sheet))

    assert [one.what for one in preview.new] == ["TALERZ"]
    [changed] = preview.changed
    assert [(one.field, one.before, one.after) for one in changed.shifts] == [
        ("name", "Kubek biały", "Kubek śnieżnobiały")
    ]
    assert preview.same == 1
    [wrong] = preview.findings
    assert (wrong.row, wrong.letter, wrong.heading, wrong.code) == (5, "C", "VAT", "import.unknown-vat")
    assert everything_in(firm.ledger) == before


def test_a_bad_last_row_leaves_everything_as_it_was(firm: Firm, tmp_path: Path) -> None:
    rows = [[f"N-{number}", f"Nowy {number}", "23"] for number in range(50)]
    sheet = workbook(tmp_path / "a.xlsx", ["SKU", "Nazwa", "VAT"], *rows, ["", "Bez symbolu", "23"])
    before = everything_in(firm.ledger)

    assert not bring(firm, "items", sheet).written
    assert everything_in(firm.ledger) == before

    outcome = bring(firm, "items", sheet, good_rows=True)
    assert outcome.written
    assert outcome.preview.bad_rows == [52]
    assert len(firm.ledger.cards(firm.code, [f"N-{number}" for number in range(50)])) == 50


def test_a_symbol_that_stands_twice_counts_in_no_row(firm: Firm, tmp_path: Path) -> None:
    sheet = text(tmp_path / "a.csv", "SKU;Nazwa;VAT\nX;Raz;23\nY;Inny;23\nX;Dwa;23\n")

    outcome = bring(firm, "items", sheet, good_rows=True)

    assert outcome.preview.bad_rows == [2, 4]
    assert "row 4" in outcome.preview.findings[0].text
    assert set(firm.ledger.cards(firm.code, ["X", "Y"])) == {"Y"}


def test_a_count_becomes_one_pw_and_one_rw_and_a_second_time_nothing(firm: Firm, tmp_path: Path) -> None:
    sheet = text(tmp_path / "a.csv", "Symbol;Stan;Koszt\nKUBEK-1;12,5;6,00\nKUBEK-2;7;\n")

    outcome = bring(firm, "stock", sheet)

    assert [(one.kind, [(line.sku, line.quantity) for line in one.lines]) for one in made(firm)] == [
        ("PW", [("KUBEK-1", Decimal("2.5"))]),
        ("RW", [("KUBEK-2", Decimal(3))]),
    ]
    assert len(outcome.documents) == 2
    assert (firm.stock()[0], firm.stock("KUBEK-2")[0]) == (Decimal("12.5"), Decimal(7))
    assert firm.value() == Decimal("70.00"), "ten at 5.50 and two and a half at 6.00"

    again = bring(firm, "stock", sheet)
    assert again.already == outcome.documents
    assert len(made(firm)) == 2


def made(firm: Firm) -> list[Any]:
    return [one for one in firm.ledger.documents(firm.code) if one.key.startswith("import:")]


def test_what_orders_have_reserved_can_not_be_counted_away(firm: Firm, tmp_path: Path) -> None:
    line = DraftLine("KUBEK-1", "Kubek", Decimal(4), Decimal(10), VatRate.of("23"))
    firm.ledger.issue(Draft("RO", firm.code, "ro", DAY, buyer=Party(name="Anna"), lines=(line,)))
    sheet = text(tmp_path / "a.csv", "SKU;Ilość\nKUBEK-1;3\n")

    outcome = bring(firm, "stock", sheet)

    assert [one.code for one in outcome.preview.findings] == ["import.reserved"]
    assert firm.stock() == (Decimal(10), Decimal(4))


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("NIE-MA;1;MAG", "import.unknown-sku"),
        ("KUBEK-1;1;INNY", "import.unknown-warehouse"),
        ("DOSTAWA;1;MAG", "import.no-stock-of-its-own"),
        ("KUBEK-1;-1;MAG", "import.negative"),
        ("KUBEK-1;;MAG", "import.no-quantity"),
    ],
)
def test_a_row_of_stock_that_can_not_be_is_named(firm: Firm, line: str, code: str, tmp_path: Path) -> None:
    outcome = bring(firm, "stock", text(tmp_path / "a.csv", f"SKU;Ilość;Magazyn\n{line}\n"))
    assert [one.code for one in outcome.preview.findings] == [code]
    assert not outcome.written


def test_prices_go_to_their_level(firm: Firm, tmp_path: Path) -> None:
    sheet = text(tmp_path / "a.csv", "SKU;Cena brutto;Waluta\nKUBEK-1;24,60;PLN\nKUBEK-2;5,99;EUR\n")

    with_level = bring(firm, "prices", sheet, level="DETAL")
    without = check(firm.ledger, firm.code, "prices", sheet)

    assert with_level.written
    found = firm.ledger.prices(firm.code, ["KUBEK-1", "KUBEK-2"])
    assert (found["KUBEK-1"]["DETAL"].price, found["KUBEK-2"]["DETAL"].currency) == (Decimal("24.60"), "EUR")
    assert {one.code for one in without.findings} == {"import.no-level"}


def test_contractors_are_known_by_code_or_nip_and_a_wrong_nip_is_named(firm: Firm, tmp_path: Path) -> None:
    sheet = text(
        tmp_path / "a.csv",
        "Kod;Nazwa;NIP;Miasto\nPRZYKLAD;Przykład sp. z o.o.;526-025-02-74;Warszawa\nZLY;Zły;1234567890;Łódź\n",
        "cp1250",
    )

    outcome = bring(firm, "contractors", sheet, good_rows=True)
    again = bring(firm, "contractors", sheet, good_rows=True)

    assert [one.code for one in outcome.preview.findings] == ["import.wrong-nip"]
    assert (len(outcome.preview.new), again.preview.same) == (1, 1)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=30)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_what_was_exported_changes_nothing_when_it_is_imported(
    firm: Firm, ending: str, tmp_path: Path
) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(TEXTS, st.integers(0, 10**9)), min_size=1, max_size=5))
    def holds(cards: list[tuple[str, int]]) -> None:
        rows = [
            {
                "sku": f"S-{number}",
                "name": name,
                "vat": "23",
                "prices": {"DETAL": Decimal(price).scaleb(-4)},
            }
            for number, (name, price) in enumerate(cards)
        ]
        firm.ledger.setup.put_items(firm.code, rows)
        before = everything_in(firm.ledger)
        for kind in KINDS:
            path = tmp_path / f"{kind}.{ending}"
            export(firm.ledger, firm.code, kind, path)
            preview = show(firm.ledger, firm.code, check(firm.ledger, firm.code, kind, path))
            assert (preview.new, preview.changed, preview.findings) == ([], [], [])
        assert everything_in(firm.ledger) == before

    holds()


@pytest.mark.parametrize("name", ["=1+1", "+48 600", "-5 %", "@SUM(A1)", "'quoted", "\t=1"])
def test_a_name_that_looks_like_a_formula_is_exported_as_text(firm: Firm, name: str, tmp_path: Path) -> None:
    firm.ledger.setup.put_item(firm.code, "X", name, "23")

    export(firm.ledger, firm.code, "items", tmp_path / "a.csv")
    export(firm.ledger, firm.code, "items", tmp_path / "a.xlsx")

    row = next(
        line for line in (tmp_path / "a.csv").read_text("utf-8-sig").splitlines() if line.startswith("X;")
    )
    assert row.split(";")[1].lstrip('"')[0] == "'"
    for ending in ("csv", "xlsx"):
        preview = show(
            firm.ledger, firm.code, check(firm.ledger, firm.code, "items", tmp_path / f"a.{ending}")
        )
        assert (preview.changed, preview.findings) == ([], [])


def test_files_of_another_kind_are_not_written(firm: Firm, tmp_path: Path) -> None:
    with pytest.raises(NeedsPerson, check=lambda error: error.code == "export.unknown-format"):
        export(firm.ledger, firm.code, "items", tmp_path / "a.pdf")
    with pytest.raises(NeedsPerson, check=lambda error: error.code == "export.not-written"):
        export(firm.ledger, firm.code, "items", tmp_path / "no" / "a.csv")
    assert [one.name for one in tmp_path.iterdir() if not one.name.startswith("ledger.db")] == []

"""A shop-keeper brings sheets: what is shown, what is written, what is not. On SQLite and PostgreSQL."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pomost.imports.apply import Outcome, apply, check, show
from pomost.imports.columns import KINDS, Kind
from pomost.imports.export import export, save_errors
from pomost.imports.preview import Shift
from pomost.imports.reading import read_rows
from pomost.trade.documents import DraftLine
from pomost.trade.vat import VatRate
from tests.imports.conftest import Sheet
from tests.ledger.firm import Firm


def bring(firm: Firm, kind: Kind, path: Path, **more: Any) -> Outcome:
    options = {name: more.pop(name) for name in ("good_rows", "again") if name in more}
    return apply(firm.ledger, firm.code, check(firm.ledger, firm.code, kind, path, **more), **options)


def test_items_are_shown_and_then_written(firm: Firm, xlsx: Sheet) -> None:
    path = xlsx(
        ["Symbol", "Nazwa towaru", "Stawka VAT", "Kod EAN"],
        ["KUBEK-1", "Kubek kremowy", "23%", 5901234123457],
        ["KUBEK-2", "Kubek czarny", 0.08, None],
        ["KUBEK-3", "Kubek zielony", 23, "0012345678905"],
    )
    checked = check(firm.ledger, firm.code, "items", path)
    preview = show(firm.ledger, firm.code, checked)

    assert [one.what for one in preview.new] == ["KUBEK-3"]
    assert preview.changed[0].shifts == (
        Shift("name", "Kubek biały", "Kubek kremowy"),
        Shift("ean", "", "5901234123457"),
    )
    assert (preview.same, preview.findings) == (1, [])
    assert "KUBEK-3" not in {card.sku for card in firm.ledger.items(firm.code)}

    assert apply(firm.ledger, firm.code, checked).written
    cards = {card.sku: card for card in firm.ledger.items(firm.code)}
    assert cards["KUBEK-3"].ean == "0012345678905"
    assert (cards["KUBEK-1"].name, cards["KUBEK-1"].vat) == ("Kubek kremowy", VatRate.of("23"))
    again = bring(firm, "items", path).preview
    assert (again.new, again.changed, again.same) == ([], [], 3)


@pytest.mark.parametrize("kind", KINDS)
def test_one_bad_last_row_and_nothing_is_written(firm: Firm, xlsx: Sheet, kind: Kind, tmp_path: Path) -> None:
    before = export(firm.ledger, firm.code, kind, tmp_path / "before.csv")
    path = {
        "items": xlsx(["SKU", "VAT"], ["NOWY", 23], ["ZŁY", "dużo"]),
        "prices": xlsx(["SKU", "Cena brutto", "Poziom"], ["KUBEK-1", 10, "DETAL"], ["KUBEK-2", -1, "DETAL"], name="p.xlsx"),
        "stock": xlsx(["SKU", "Ilość"], ["KUBEK-1", 15], ["KUBEK-9", 1], name="s.xlsx"),
        "contractors": xlsx(["NIP", "Nazwa"], ["5260250274", "Dobra"], ["5260250275", "Zła"], name="c.xlsx"),
    }[kind]  # fmt: skip

    outcome = bring(firm, kind, path)

    assert not outcome.written
    assert outcome.preview.bad_rows == [3]
    assert export(firm.ledger, firm.code, kind, tmp_path / "after.csv") == before
    assert (tmp_path / "after.csv").read_bytes() == (tmp_path / "before.csv").read_bytes()

    assert bring(firm, kind, path, good_rows=True).written
    assert (
        export(firm.ledger, firm.code, kind, tmp_path / "good.csv"),
        (tmp_path / "good.csv").read_bytes(),
    ) != (
        before,
        (tmp_path / "before.csv").read_bytes(),
    )


def test_stock_is_put_right_by_a_pw_and_an_rw(firm: Firm, xlsx: Sheet) -> None:
    path = xlsx(["SKU", "Ilość", "Koszt"], ["KUBEK-1", 12, "8,25"], ["KUBEK-2", "7,5", None])

    outcome = bring(firm, "stock", path)

    assert [number.split("/")[0] for number in outcome.documents] == ["PW", "RW"]
    assert (firm.stock("KUBEK-1")[0], firm.stock("KUBEK-2")[0]) == (12, Decimal("7.5"))
    assert firm.value("KUBEK-1") == Decimal("71.50")  # 10 x 5.50 + 2 x 8.25


def test_a_stock_sheet_is_never_booked_twice_even_after_a_sale(firm: Firm, xlsx: Sheet) -> None:
    path = xlsx(["SKU", "Ilość"], ["KUBEK-1", 12])
    first = bring(firm, "stock", path)
    firm.issue("WZ", "sale", DraftLine("KUBEK-1", "Kubek", Decimal(3), Decimal(10), VatRate.of(23)))

    second = bring(
        firm, "stock", xlsx(["Kod", "Stan", "Uwagi"], ["KUBEK-1", "12,00", "x"], name="again.xlsx")
    )
    assert second.already == first.documents
    assert firm.stock("KUBEK-1")[0] == 9

    assert bring(firm, "stock", path, again=True).documents
    assert firm.stock("KUBEK-1")[0] == 12


def test_what_comes_in_costs_as_the_last_goods_did_or_says_that_it_costs_nothing(
    firm: Firm, xlsx: Sheet
) -> None:
    firm.ledger.setup.put_item(firm.code, "NOWY", "Nowy", "23")
    path = xlsx(["SKU", "Ilość"], ["KUBEK-1", 11], ["NOWY", 1])

    outcome = bring(firm, "stock", path)

    assert firm.value("KUBEK-1") == Decimal("60.50")
    assert [(one.row, one.code) for one in outcome.preview.notes] == [(3, "import.no-cost")]


def test_goods_that_orders_hold_are_not_taken_away(firm: Firm, xlsx: Sheet) -> None:
    firm.issue("RO", "order", DraftLine("KUBEK-1", "Kubek", Decimal(8), Decimal(10), VatRate.of(23)))

    outcome = bring(firm, "stock", xlsx(["SKU", "Ilość"], ["KUBEK-1", 7]))

    assert [one.code for one in outcome.preview.findings] == ["import.reserved"]
    assert firm.stock("KUBEK-1") == (10, 8)


def test_prices_go_to_their_level_and_a_contractor_is_found_by_nip(firm: Firm, xlsx: Sheet) -> None:
    path = xlsx(
        ["SKU", "Cena netto", "Cena brutto", "Waluta"],
        ["KUBEK-1", 10, 12.3, None],
        ["KUBEK-2", "9,99", None, "EUR"],
    )
    assert bring(firm, "prices", path, level="DETAL").written
    prices = firm.ledger.prices(firm.code, ["KUBEK-1", "KUBEK-2"])
    one, two = prices["KUBEK-1"]["DETAL"], prices["KUBEK-2"]["DETAL"]
    assert (one.basis, one.price, one.currency) == ("gross", Decimal("12.3"), "PLN")
    assert (two.basis, two.price, two.currency) == ("net", Decimal("9.99"), "EUR")

    assert bring(
        firm, "contractors", xlsx(["Kod", "Nazwa", "NIP"], ["ALFA", "Alfa", "526-025-02-74"], name="a.xlsx")
    ).written
    changed = bring(
        firm, "contractors", xlsx(["NIP", "Miasto"], ["PL5260250274", "Łódź"], name="b.xlsx")
    ).preview.changed
    assert [one.what for one in changed] == ["ALFA"]


def test_bad_rows_are_saved_corrected_and_imported(firm: Firm, xlsx: Sheet, tmp_path: Path) -> None:
    path = xlsx(["SKU", "VAT"], ["DOBRY", 23], ["ZŁY", 99])
    outcome = bring(firm, "items", path, good_rows=True)

    saved = tmp_path / "bad.csv"
    assert save_errors(path, "", 1, outcome.preview.findings, saved, "pl") == 1
    assert saved.read_text(encoding="utf-8-sig").splitlines()[1].startswith("ZŁY;99")

    saved.write_text(saved.read_text(encoding="utf-8-sig").replace("99", "23", 1), encoding="utf-8")
    assert [one.what for one in bring(firm, "items", saved).preview.new] == ["ZŁY"]


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_exported_changes_nothing(firm: Firm, tmp_path: Path, kind: Kind, ending: str) -> None:
    firm.ledger.setup.put_items(
        firm.code,
        [
            {"sku": sku, "name": name, "vat": "19", "ean": "007", "prices": {"DETAL": Decimal("12.3456")}}
            for sku, name in (
                ("=1+1", "=HYPERLINK(\"x\")"), ("-5", "+48"), ("@SUM", "'=x"), ("A'B", "''"), ("Ż;,\"", "a\nb\tc"), ("1E5", " x "),
            )
        ],
    )  # fmt: skip
    path = tmp_path / f"all.{ending}"

    count = export(firm.ledger, firm.code, kind, path)
    preview = bring(firm, kind, path).preview

    assert preview.findings == []
    assert (preview.new, preview.changed, preview.same) == ([], [], count)


def test_no_cell_of_an_export_is_a_formula(firm: Firm, tmp_path: Path) -> None:
    firm.ledger.setup.put_item(firm.code, "=cmd", "@x", "23")
    export(firm.ledger, firm.code, "items", tmp_path / "a.csv")
    export(firm.ledger, firm.code, "items", tmp_path / "a.xlsx")

    assert "'=cmd;'@x;" in (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert any(row.cells[0] == "=cmd" for row in read_rows(tmp_path / "a.xlsx"))

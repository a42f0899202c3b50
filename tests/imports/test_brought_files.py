"""Files that can be read, and what is said of those that can't."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pomost.imports.columns import find_headings, read_choice
from pomost.imports.reading import read_rows
from pomost.imports.rows import check_file
from pomost.ports import NeedsPerson
from tests.imports.sheets import bomb, endless_comment, text, with_entities, workbook

LINES = "SKU;Nazwa;VAT\r\nŻABA-1;Żaba „zielona”;23\r\n"


def values(path: Path, kind: Any = "items") -> list[dict[str, Any]]:
    return [dict(row.values) for row in check_file(path, kind).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "utf-16", "utf-16-le", "utf-16-be"])
def test_text_is_read_in_each_encoding_that_spreadsheet_programs_write(encoding: str, tmp_path: Path) -> None:
    found = values(text(tmp_path / "a.csv", LINES, encoding))
    assert found == [{"sku": "ŻABA-1", "name": "Żaba „zielona”", "vat": "23"}]


@pytest.mark.parametrize(
    "content",
    [
        "SKU,Nazwa,VAT\nA-1,Kubek,23\n",
        "SKU\tNazwa\tVAT\nA-1\tKubek\t23\n",
        "sep=;\nSKU;Nazwa;VAT\nA-1;Kubek;23\n",
        '"SKU";"Nazwa";"VAT"\n"A-1";"Kubek";"23"\n',
        "Cennik 2026;;\n\nSKU;Nazwa;VAT\n;;\nA-1;Kubek;23\n",
        "symbol towaru;Nazwa produktu;Stawka VAT\nA-1;Kubek;23%\n",
    ],
)
def test_separators_titles_and_other_headings_are_understood(content: str, tmp_path: Path) -> None:
    assert values(text(tmp_path / "a.csv", content)) == [{"sku": "A-1", "name": "Kubek", "vat": "23"}]


def test_a_name_over_two_lines_stays_one_row(tmp_path: Path) -> None:
    found = check_file(text(tmp_path / "a.csv", 'SKU;Nazwa\nA;"Kubek\nbiały"\nB;Talerz\n'), "items")
    assert [(row.number, row.values["name"]) for row in found.rows] == [(2, "Kubek biały"), (3, "Talerz")]


def test_a_workbook_is_read_with_the_numbers_of_its_rows_and_its_sheet_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", ["SKU", "EAN"], [], ["A", 5901234123457], ["B", "0012345678905"])
    found = check_file(path, "items", "Arkusz")
    assert [(row.number, row.values["ean"]) for row in found.rows] == [
        (3, "5901234123457"),
        (4, "0012345678905"),
    ]
    with pytest.raises(NeedsPerson, check=lambda e: e.code == "import.unknown-sheet") as caught:
        check_file(path, "items", "Inny")
    assert "Arkusz" in caught.value.advice


def hostile(content: bytes, name: str = "a.xlsx") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content)
        return folder / name

    return make


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (hostile(b"", "a.csv"), "import.empty-file"),
        (lambda folder: folder / "no.csv", "import.no-file"),
        (hostile(b"<html>Session expired</html>"), "import.not-xlsx"),
        (hostile(b"PK\x03\x04 and then nothing"), "import.damaged"),
        (hostile(b"\xd0\xcf\x11\xe0" + b"\0" * 2000, "a.xls"), "import.old-xls"),
        (hostile(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")), "import.password"),
        (hostile(b"SKU;Nazwa\nA;\"never closed\n", "a.csv"), "import.bad-quotes"),
        (hostile(bytes(range(256)) * 40, "a.csv"), "import.not-text"),
        (lambda folder: bomb(folder / "a.xlsx"), "import.unpacks-too-large"),
        (lambda folder: endless_comment(folder / "a.xlsx"), "import.unpacks-too-large"),
        (lambda folder: with_entities(folder / "a.xlsx"), "import.entities"),
        (hostile(b"one;two\n1;2\n", "a.csv"), "import.no-headings"),
        (hostile(b"SKU;Symbol;Nazwa\nA;B;C\n", "a.csv"), "import.heading-twice"),
        (hostile(b"Nazwa;VAT\nKubek;23\n", "a.csv"), "import.missing-column"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_says_so_and_what_to_do(
    make: Callable[[Path], Path], code: str, tmp_path: Path
) -> None:
    path = make(tmp_path)
    with pytest.raises(NeedsPerson) as caught:
        check_file(path, "items")
    assert caught.value.code == code
    assert caught.value.advice


def test_more_rows_than_a_sheet_may_have_are_refused_and_not_kept(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", "SKU\n" + "".join(f"A{n}\n" for n in range(200_010)))
    with pytest.raises(NeedsPerson, check=lambda e: e.code == "import.too-many-rows"):
        for _ in read_rows(path):
            pass


def test_a_cell_that_holds_an_error_or_a_formula_never_reckoned_is_named(tmp_path: Path) -> None:
    def more(sheet: Any) -> None:
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 1, "=6*7", None, 42)

    path = workbook(tmp_path / "a.xlsx", ["SKU", "Ilość"], ["A"], ["B"], write=more)
    found = check_file(path, "stock")

    assert [(row.values["sku"], str(row.values["quantity"])) for row in found.rows] == [("B", "42")]
    [wrong] = found.findings
    assert (wrong.row, wrong.letter, wrong.heading, wrong.code) == (2, "B", "Ilość", "import.error-cell")
    assert "#DIV/0!" in wrong.text


def test_own_headings_are_said_once(tmp_path: Path) -> None:
    path = text(tmp_path / "a.csv", "Mój kod;Ile\nA;3\n")
    chosen = read_choice("stock", "SKU=Mój kod, Ilość=Ile")
    assert [dict(row.values)["sku"] for row in check_file(path, "stock", chosen=chosen).rows] == ["A"]
    with pytest.raises(NeedsPerson, check=lambda e: e.code == "import.unknown-column"):
        read_choice("stock", "Kolor=Barwa")
    with pytest.raises(NeedsPerson, check=lambda e: e.code == "import.columns-option"):
        read_choice("stock", "SKU")
    with pytest.raises(NeedsPerson, check=lambda e: e.code == "import.no-column"):
        find_headings("stock", list(read_rows(path)), {"sku": "Symbol", "quantity": "Ile"})

"""Files and cells: as people save them, and as somebody who means harm would."""

from __future__ import annotations

import datetime
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pomost.imports import cells, scan
from pomost.imports.columns import find_headings, read_choice
from pomost.imports.figures import figure
from pomost.imports.reading import Cell, RawRow, Trouble, read_rows
from pomost.imports.rows import check_file
from pomost.ports import NeedsPerson
from tests.imports.conftest import Sheet


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("12,50", "12.50"), ("1 234,5", "1234.5"), ("1\u00a0234,50", "1234.50"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50"),
        ("1,234,567", "1234567"), ("1,5E+3", "1500"), (0.1 + 0.2, "0.3"), (5.0, "5"), ("-3", "-3"), ("1,234", "1.234"),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(cell: Cell, number: str) -> None:
    assert cells.number(cell) == Decimal(number)


@pytest.mark.parametrize(
    ("read", "cell", "code"),
    [
        (cells.number, "abc", "import.not-a-number"), (cells.number, True, "import.not-a-number"),
        (cells.number, datetime.date(2026, 1, 2), "import.not-a-number"), (cells.number, "1,23456", "import.too-many-decimals"),
        (cells.number, float("inf"), "import.not-a-number"), (cells.number, "9" * 30, "import.number-too-large"),
        (cells.not_negative, -1, "import.negative"), (cells.ean, "5,9E+12", "import.ean-shortened"),
        (cells.line, datetime.date(2026, 1, 2), "import.date"), (cells.line, True, "import.truth-value"),
        (cells.line, "a\x00", "import.control-character"), (cells.line, 12345678901234567.0, "import.digits-lost"),
        (cells.line, Trouble("error", "#N/A"), "import.error-cell"), (cells.number, Trouble("formula"), "import.formula-without-value"),
        (cells.line, Trouble("merged"), "import.merged-cell"), (cells.vat, "dużo", "import.unknown-vat"),
        (cells.vat, 123, "import.unknown-vat"), (cells.currency, "złote", "import.unknown-currency"), (cells.email, "x", "import.email"),
        (cells.item_kind, "coś", "import.unknown-kind"), (cells.country, "P", "import.unknown-country"),
    ],
)  # fmt: skip
def test_what_a_cell_may_not_hold(read: Any, cell: Cell, code: str) -> None:
    with pytest.raises(NeedsPerson) as refused:
        read(cell)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("number", "field", "polish", "english"),
    [
        ("10.000", "quantity", "10", "10"), ("1E+9", "quantity", "1000000000", "1000000000"), ("1.50", "quantity", "1,5", "1.5"),
        ("12.5", "gross", "12,50", "12.50"), ("0.1234", "cost", "0,1234", "0.1234"), ("0.0", "net", "0,00", "0.00"),
    ],
)  # fmt: skip
def test_numbers_as_they_are_shown(number: str, field: str, polish: str, english: str) -> None:
    assert (figure(Decimal(number), field, "pl"), figure(Decimal(number), field, "en")) == (polish, english)


def test_a_number_that_is_refused_is_shown_as_it_is() -> None:
    with pytest.raises(NeedsPerson, match=r"^999999999999 is too large"):
        cells.number("999 999 999 999")


def test_codes_keep_their_zeros_and_a_number_becomes_its_digits() -> None:
    assert cells.ean("0012345678905") == "0012345678905"
    assert cells.ean(5901234123457.0) == "5901234123457"
    assert cells.ean("5.901234123457E+12") == "5901234123457"
    assert cells.line(123.0) == "123"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_text_files_of_any_program(csv_file: Sheet, encoding: str, separator: str) -> None:
    text = f'SKU{separator}Ilość\r\n"A\nB"{separator}"1,5"\r\n\r\nŻÓŁW{separator}2\r\n'
    rows = list(read_rows(csv_file(text, encoding)))

    assert [row.number for row in rows] == [1, 2, 4]
    assert rows[1].cells == ("A\nB", "1,5")
    assert rows[2].cells == ("ŻÓŁW", "2")


def test_errors_formulas_and_merged_cells_are_not_taken_for_empty_ones(tmp_path: Path) -> None:
    workbook = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = workbook.add_worksheet()
    for place, heading in enumerate(("SKU", "Ilość")):
        sheet.write(2, place + 1, heading)
    sheet.write(3, 1, "A")
    sheet.write_formula(3, 2, "=NA()", None, "#N/A")
    sheet.write(4, 1, "B")
    sheet.write_formula(4, 2, "=1+2", None, "")
    sheet.write(5, 1, "C")
    sheet.write_formula(5, 2, "=1+2", None, 3)
    sheet.merge_range(6, 1, 7, 1, "D")
    sheet.write(6, 2, 4)
    sheet.write(7, 2, 5)
    workbook.close()

    checked = check_file(tmp_path / "a.xlsx", "stock")

    assert [(one.row, one.letter, one.code) for one in checked.findings] == [
        (4, "C", "import.error-cell"),
        (5, "C", "import.formula-without-value"),
        (8, "B", "import.merged-cell"),
    ]
    assert [row.values["quantity"] for row in checked.rows] == [3, 4]


def test_rows_about_the_same_item_name_each_other(csv_file: Sheet) -> None:
    checked = check_file(csv_file("SKU;Ilość\nA;1\nB;2\nA;3\n"), "stock")

    assert [(one.row, one.text) for one in checked.findings] == [
        (2, '"A" is also in row 4.'),
        (4, '"A" is also in row 2.'),
    ]
    assert [row.number for row in checked.rows] == [3]


def test_of_rows_about_the_same_item_none_counts_even_if_only_one_is_right(csv_file: Sheet) -> None:
    checked = check_file(csv_file("SKU;Ilość\nA;dużo\nB;2\nA;3\n"), "stock")

    assert [(one.row, one.code) for one in checked.findings] == [
        (2, "import.not-a-number"),
        (4, "import.row-twice"),
    ]
    assert checked.findings[1].text == '"A" is also in row 2.'
    assert [row.number for row in checked.rows] == [3]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("<html><table><tr><td>SKU</td></tr></table></html>", "eksport.xls"),
        ("\ufeff\r\n <!DOCTYPE HTML><html>", "eksport.csv"),
        ("<table border=1><tr><th>SKU</th></tr></table>", "eksport.xls"),
        ('<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "eksport.xls"),
    ],
)
def test_a_web_page_that_calls_itself_a_sheet_is_named(csv_file: Sheet, content: str, name: str) -> None:
    with pytest.raises(NeedsPerson, check=lambda refused: refused.code == "import.web-page"):
        check_file(csv_file(content, name=name), "stock")


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_title_over_the_headings_does_not_hide_what_parts_the_cells(
    csv_file: Sheet, separator: str
) -> None:
    text = f"Stany magazynu\n\nSKU{separator}Ilość\nA{separator}5\n"
    assert [row.values["quantity"] for row in check_file(csv_file(text), "stock").rows] == [5]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1250", "iso8859-2"])
def test_polish_letters_of_old_programs(csv_file: Sheet, encoding: str) -> None:
    text = "SKU;Nazwa;VAT\nA;Źdźbło i śledź, ±5;23\nB;Ślimak ą;23\n".replace(
        "±", "±" if encoding != "iso8859-2" else "+"
    )
    names = [row.values["name"] for row in check_file(csv_file(text, encoding), "items").rows]
    assert [str(name).replace("±", "+") for name in names] == ["Źdźbło i śledź, +5", "Ślimak ą"]


def test_a_number_that_may_be_thousands_is_pointed_out_once_for_its_column(csv_file: Sheet) -> None:
    checked = check_file(csv_file("SKU;Ilość;Koszt\nA;1.234;0,500\nB;10,000;2,5\nC;5;1\n"), "stock")

    (note,) = checked.notes
    assert (note.row, note.letter, note.code) == (2, "B", "import.maybe-thousands")
    assert (
        note.text
        == '"1.234" is read as 1 and 234/1000, not as 1234; rows with such numbers in this column: 2.'
    )
    assert [row.values["quantity"] for row in checked.rows] == [Decimal("1.234"), 10, 5]


def test_headings() -> None:
    def found(*headings: str, **chosen: str) -> dict[str, int]:
        places = find_headings("items", [RawRow(1, headings)], chosen).places
        return {one.column.name: one.place for one in places}

    assert found("  KOD   towaru ", "j.m.", "Stawka VAT [%]"[:10]) == {"sku": 0, "unit": 1, "vat": 2}
    assert found("Symbol", "Kod", SKU="Kod") == {"sku": 1}
    for headings, code in (
        (("Symbol", "Kod"), "import.heading-twice"), (("Nazwa",), "import.missing-column"), (("x",), "import.no-headings"),
    ):  # fmt: skip
        with pytest.raises(NeedsPerson) as refused:
            found(*headings)
        assert refused.value.code == code
    with pytest.raises(NeedsPerson, match="no heading"):
        found("SKU", ean="Kreski")
    with pytest.raises(NeedsPerson, match="no column"):
        read_choice("items", "Kolor=x")


def packed(path: Path, **parts: str | bytes) -> Path:
    usual: dict[str, str | bytes] = {
        "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (usual | {"xl/worksheets/sheet1.xml": parts["sheet"]}).items():
            archive.writestr(name, text)
    return path


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        ('<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>', "import.entities"),
        ('<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c><c r="XFD100000"><v>1</v></c></row></sheetData></worksheet>', "import.too-wide"),
        ('<worksheet><sheetData><row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData></worksheet>', "import.too-many-rows"),
        (b"<worksheet>" + b" " * (scan.MAX_UNPACKED + 1), "import.unpacks-too-large"),
        ("<worksheet><row>", "import.damaged"),
        ('<worksheet><sheetData><row r="1"><c r="AAAA1"><v>1</v></c></row></sheetData></worksheet>', "import.damaged"),
    ],
)  # fmt: skip
def test_sheets_that_mean_harm_are_refused(tmp_path: Path, sheet: str | bytes, code: str) -> None:
    with pytest.raises(NeedsPerson) as refused:
        list(read_rows(packed(tmp_path / "a.xlsx", sheet=sheet)))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "a.xlsx", "import.empty-file"), (b"SKU;VAT\n", "a.xlsx", "import.not-xlsx"), (b"PK\x03\x04garbage", "a.xlsx", "import.damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xls", "import.old-xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "import.password"),
        (b"SKU;VAT\n\x00\x01\x81\x83", "a.csv", "import.not-text"), (b'SKU;VAT\n"A;23\n', "a.csv", "import.bad-quotes"),
    ],
)  # fmt: skip
def test_files_that_are_something_else(tmp_path: Path, content: bytes, name: str, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NeedsPerson) as refused:
        list(read_rows(path))
    assert refused.value.code == code


def test_a_file_that_is_not_there_and_a_sheet_that_is_not_there(tmp_path: Path, xlsx: Sheet) -> None:
    with pytest.raises(NeedsPerson, match="There is no file none"):
        list(read_rows(tmp_path / "none.xlsx"))
    with pytest.raises(NeedsPerson, match="Arkusz"):
        list(read_rows(xlsx(["SKU"]), "Inny"))

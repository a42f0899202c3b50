"""Sheets sent to the panel: shown before anything is written, all or nothing, and nothing that a file holds does harm."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
import xlsxwriter
from playwright.sync_api import Page

from pomost.imports.reading import read_rows
from tests.imports import sheets
from tests.panel.conftest import Client, Desk, faults_of
from tests.panel.test_acts import until

Panel = Callable[..., Desk]


def sheet(*rows: list[Any]) -> bytes:
    """An .xlsx with these rows."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        page = book.add_worksheet("Arkusz")
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                page.write(number, place, value)
    return file.getvalue()


def send(
    client: Client, content: bytes, name: str = "towary.xlsx", kind: str = "items", **more: str
) -> httpx2.Response:
    return client.post("/imports", files={"file": (name, content)}, page="/imports", kind=kind, **more)


GOOD = [["SKU", "Nazwa", "VAT"], ["NOWY-1", "Nowy kubek", 23], ["KUBEK-01", "Kubek po nowemu", 23]]


def test_a_sheet_is_shown_first_and_written_by_a_second_act(panel: Panel) -> None:
    desk = panel()
    operator = desk.client("operator")

    shown = send(operator, sheet(*GOOD))

    assert "Wierszy 2: nowe 1, zmienione 1, bez zmian 0, błędne 0." in shown.text, shown.text
    assert "Kubek po nowemu" in shown.text
    assert not desk.house.ledger.cards("main", ["NOWY-1"]), "nothing is written yet"
    written = operator.post(shown.url.path, page=shown.url.path, how="all")
    assert "Zapisano: nowych 1, zmienionych 1." in written.text
    assert desk.house.ledger.cards("main", ["NOWY-1"])["NOWY-1"].name == "Nowy kubek"
    assert [one.act for one in desk.pomost.store.audits.page()][:2] == ["import.apply", "import.check"]
    assert "towary.xlsx" in operator.get("/imports").text


def test_numbers_are_written_as_people_do_and_the_file_is_called_as_it_was_sent(panel: Panel) -> None:
    desk = panel()
    polish, english = desk.client("operator"), desk.client("operator", "en")
    quantities = "SKU;Ilość;Koszt\nKUBEK-01;1e9;5\nKUBEK-02;10,000;2,5\n".encode("cp1250")

    shown = send(polish, quantities, "stany.csv", "stock").text

    assert "1000000000" in shown
    assert "E+9" not in shown
    assert "→ 10</div>" in shown, "and not 10.000, which may be ten thousand"
    prices = b"SKU;Poziom cen;Cena brutto\nKUBEK-01;DETAL;12,5\n"
    path = send(polish, prices, "ceny.csv", "prices").url.path
    assert "12,50" in polish.get(path).text
    assert "12.50" in english.get(path).text

    page = send(polish, b"<html><table><tr><td>SKU</td></tr></table></html>", "eksport.xls", "stock").text
    assert "eksport.xls to strona internetowa" in page
    assert "sheet." not in page
    assert "eksport.xlsx nie jest" in send(polish, b"<html>", "eksport.xlsx", "stock").text


BAD = [*GOOD, ["=2+5", "Zły", "dużo"], ["NOWY-2", "Bez stawki", ""]]


def test_with_bad_rows_nothing_is_written_unless_the_good_ones_are_asked_for(
    panel: Panel, tmp_path: Path
) -> None:
    desk = panel()
    operator = desk.client("operator", "en")
    shown = send(operator, sheet(*BAD))
    path = shown.url.path
    assert "2 bad" in shown.text

    refused = operator.post(path, page=path, how="all")
    assert "Nothing is written, since rows are bad: 2." in refused.text
    assert not desk.house.ledger.cards("main", ["NOWY-1"])

    bad = operator.get(f"{path}/errors")
    (tmp_path / "bad.xlsx").write_bytes(bad.content)
    rows = list(read_rows(tmp_path / "bad.xlsx"))
    assert [row.cells[0] for row in rows] == ["SKU", "=2+5", "NOWY-2"]
    assert "attachment" in bad.headers["content-disposition"]

    operator.post(path, page=path, how="good")
    assert desk.house.ledger.cards("main", ["NOWY-1"])
    assert not desk.house.ledger.cards("main", ["NOWY-2"])


def test_a_count_is_booked_once_and_again_only_when_asked(panel: Panel) -> None:
    desk = panel()
    operator = desk.client("operator", "en")
    count = sheet(["SKU", "Ilość"], ["KUBEK-01", 9_000])

    first = send(operator, count, kind="stock")
    operator.post(first.url.path, page=first.url.path, how="all")
    second = send(operator, sheet(["SKU", "Ilość"], ["KUBEK-01", 9_000]), kind="stock")
    again = operator.post(second.url.path, page=second.url.path, how="all")

    assert "This sheet was applied before" in again.text
    assert "It is a new count" in again.text
    assert len([one for one in desk.house.ledger.documents() if one.kind == "RW"]) == 1


HOSTILE: dict[str, tuple[str, Callable[[Path], bytes]]] = {
    "nothing": ("a.xlsx", lambda folder: b""),
    "no sheet": ("a.xlsx", lambda folder: b"\x89PNG\r\n" + b"\x00" * 100),
    "cut": ("a.xlsx", lambda folder: sheet(*GOOD)[:500]),
    "old xls": ("a.xls", lambda folder: b"\xd0\xcf\x11\xe0" + b"\x00" * 600),
    "bomb": ("a.xlsx", lambda folder: sheets.bomb(folder / "bomb.xlsx").read_bytes()),
    "entities": ("a.xlsx", lambda folder: sheets.with_entities(folder / "entities.xlsx").read_bytes()),
    "binary text": ("a.csv", lambda folder: bytes(range(256)) * 50),
    "open quotes": ("a.csv", lambda folder: b'SKU;VAT\n"A;23\n'),
    "other headings": ("a.csv", lambda folder: b"Co;Ile\nA;1\n"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_cannot_be_read_is_refused_with_what_to_do(
    panel: Panel, tmp_path: Path, what: str
) -> None:
    operator = panel().client("operator", "en")
    name, made = HOSTILE[what]

    page = send(operator, made(tmp_path), name)

    assert page.status_code == 200
    text = until(operator, page.url.path, "<code>import.")
    assert "Write all of it" not in text


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.csv", "..\\..\\win.csv", "<img src=x onerror=alert(1)>.csv", "a" * 300 + ".csv"],
)
def test_the_name_of_a_file_is_only_shown(panel: Panel, name: str) -> None:
    desk = panel()
    operator = desk.client("operator")

    page = send(operator, b"SKU;Nazwa;VAT\nX-1;Nowy;23\n", name)

    assert "nowe 1" in page.text, page.text
    assert "<img src=x" not in page.text
    kept = [one for one in (desk.pomost.config.data_dir / "imports").rglob("*") if one.is_file()]
    assert {one.name for one in kept} == {"asked.json", "found.json", "sheet.csv"}


def test_what_a_cell_holds_never_becomes_part_of_the_page(panel: Panel) -> None:
    operator = panel().client("operator")

    page = send(operator, sheet(["SKU", "Nazwa", "VAT"], ["<b>X</b>", "<script>alert(1)</script>", 23]))

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize("name", ["x", "..%2f..%2f..%2fetc%2fpasswd", "A" * 24, "asked.json", "%00" * 20])
def test_an_import_that_is_not_there(panel: Panel, name: str) -> None:
    operator = panel().client("operator")

    assert operator.get(f"/imports/{name}").status_code in (400, 404)
    assert operator.get(f"/imports/{name}/errors").status_code in (400, 404)


def test_without_a_file_or_a_kind_it_says_so(panel: Panel) -> None:
    operator = panel().client("operator")

    assert "Wybierz plik." in operator.post("/imports", page="/imports", kind="items").text
    assert "Wybierz, co jest" in send(operator, b"SKU\nA\n", kind="orders").text
    assert "Wybierz, co jest" in send(operator, b"SKU\nA\n", company="obca").text


def test_a_reader_sends_nothing(panel: Panel) -> None:
    desk = panel()
    reader = desk.client("reader")

    assert reader.get("/imports").status_code == 403
    assert send_as(reader, sheet(*GOOD)).status_code == 403
    assert not (desk.pomost.config.data_dir / "imports").exists()


def send_as(client: Client, content: bytes) -> httpx2.Response:
    return client.post("/imports", files={"file": ("a.xlsx", content)}, page="/", kind="items")


@pytest.mark.parametrize("language", ["pl", "en"])
def test_an_import_in_a_browser(
    panel: Panel, browser_page: Callable[..., Page], tmp_path: Path, language: str
) -> None:
    page = browser_page(panel(), "operator", language)
    page.on("dialog", lambda dialog: dialog.accept())
    file = tmp_path / "zły.xlsx"
    file.write_bytes(sheet(*BAD))
    page.goto("/imports")
    assert faults_of(page) == []

    page.set_input_files("#f-file", str(file))
    page.click("main button.main")
    page.wait_for_selector("h1:has-text('zły.xlsx')")

    assert faults_of(page) == []
    page.click("form[action^='/imports/'] button")
    page.wait_for_selector("p.notice.good")
    assert faults_of(page) == []

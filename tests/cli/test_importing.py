"""`pomost import` and `pomost export`, as typed."""

from __future__ import annotations

from tests.cli.conftest import Desk


def test_a_sheet_is_shown_first_then_written_and_comes_out_again(desk: Desk) -> None:
    desk.write(desk.sandbox())
    sheet = desk.folder / "towary.csv"
    sheet.write_text("Symbol;Nazwa;VAT\nA-1;Kubek;23\nA-2;Talerz;99\n", encoding="utf-8")

    shown = desk.run("import", "items", "towary.csv")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    for text in ("New: 1, changed: 0, unchanged: 0, rows that are wrong: 1.", "C VAT", "--apply --good-rows"):
        assert text in shown.stdout, shown.stdout

    refused = desk.run("import", "items", "towary.csv", "--apply")
    assert refused.returncode == 1
    assert "Nothing was written" in refused.stdout

    good = desk.run("import", "items", "towary.csv", "--apply", "--good-rows", "--errors", "bledy.csv")
    assert good.returncode == 0
    assert "Rows written: 1." in good.stdout
    assert "import.unknown-vat" in (desk.folder / "bledy.csv").read_text(encoding="utf-8-sig")

    (desk.folder / "stan.csv").write_text("SKU;Ilość;Koszt\nA-1;12;5\n", encoding="utf-8")
    counted = desk.run("import", "stock", "stan.csv", "--apply")
    assert "Documents: PW/" in counted.stdout, counted.stdout
    again = desk.run("import", "stock", "stan.csv", "--apply")
    assert "written before" in again.stdout

    out = desk.run("export", "items", "out.xlsx")
    assert out.returncode == 0
    assert "unchanged: " in desk.run("import", "items", "out.xlsx").stdout


def test_a_file_that_is_none_is_refused_with_what_to_do_in_polish(desk: Desk) -> None:
    desk.write(desk.sandbox(), language="pl")
    (desk.folder / "a.xlsx").write_text("<html>", encoding="utf-8")

    done = desk.run("import", "items", "a.xlsx")

    assert done.returncode == 2, done.stdout
    assert "a.xlsx" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr

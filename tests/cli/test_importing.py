"""`pomost import` and `pomost export`, as typed."""

from __future__ import annotations

from tests.cli.conftest import Desk


def test_a_sheet_is_shown_refused_and_written_in_part(desk: Desk) -> None:
    desk.write(desk.sandbox())
    sheet = desk.folder / "items.csv"
    sheet.write_text("Symbol;Nazwa;VAT\nKUBEK-1;Kubek;23\nKUBEK-2;Zły;lots\n", encoding="cp1250")

    shown = desk.run("import", "items", "items.csv")
    assert shown.returncode == 1, shown.stderr
    for text in ("New: 1", "Bad rows: 1", "VAT (C)", '"lots" is no VAT rate', "Nothing is written"):
        assert text in shown.stdout, shown.stdout

    assert desk.run("import", "items", "items.csv", "--apply").returncode == 1
    done = desk.run("import", "items", "items.csv", "--apply", "--good-rows", "--errors", "bad.xlsx")
    assert done.returncode == 0
    assert "Written: 1 new, 0 changed." in done.stdout
    assert (desk.folder / "bad.xlsx").exists()

    (desk.folder / "stock.csv").write_text("SKU;Stan;Koszt\nKUBEK-1;5;2,50\n", encoding="utf-8")
    booked = desk.run("import", "stock", "stock.csv", "--apply", "--warehouse", "MAG")
    assert "Documents: PW/" in booked.stdout, booked.stdout + booked.stderr

    for kind in ("items", "prices", "stock", "contractors"):
        assert desk.run("export", kind, f"{kind}.xlsx").returncode == 0
    again = desk.run("import", "stock", "stock.xlsx")
    assert "Unchanged: 1" in again.stdout


def test_a_file_that_is_no_sheet_is_said_in_polish(desk: Desk) -> None:
    desk.write(desk.sandbox(), language="pl")
    (desk.folder / "a.xlsx").write_text("SKU", encoding="utf-8")

    done = desk.run("import", "items", "a.xlsx")

    assert done.returncode == 2
    assert "nie jest plikiem .xlsx" in done.stdout


def test_many_items_are_changed_at_once_after_a_preview(desk: Desk) -> None:
    desk.write(desk.sandbox(), language="pl")
    sheet = desk.folder / "items.csv"
    sheet.write_text("SKU;Nazwa;VAT\nA-1;Kubek;23\nA-2;Talerz;23\nB-1;Miska;23\n", encoding="utf-8")
    assert desk.run("import", "items", "items.csv", "--apply").returncode == 0
    (desk.folder / "lista.csv").write_text("SKU\nA-1\nA-2\n", encoding="utf-8")
    asked = ("items", "change", "--skus", "lista.csv", "--set-vat", "8", "--set-brand", "Huta", "--inactive")

    shown = desk.run(*asked)
    assert shown.returncode == 0, shown.stderr
    for word in ("Wybrane towary: 2", "Zmiany: 6", "Nic nie zapisano"):
        assert word in shown.stdout, shown.stdout
    mark = shown.stdout.split("--only-if ")[1].split()[0]

    done = desk.run(*asked, "--apply", "--only-if", mark)
    assert "Zapisano zmian: 6." in done.stdout, done.stdout + done.stderr
    again = desk.run(*asked, "--apply", "--only-if", mark)
    assert again.returncode == 2
    assert "Zmieniłoby się co innego" in again.stdout + again.stderr

    refused = desk.run("items", "change", "--all", "--price-level", "DETAL", "--percent", "5", "--apply")
    assert refused.returncode == 1
    assert "nie ma ceny na poziomie DETAL" in " ".join(refused.stdout.split())
    preview = desk.run("items", "change", "--all", "--price-level", "DETAL", "--percent", "5")
    assert preview.returncode == 1
    assert "--only-if" not in preview.stdout, "what can't be done is not offered"
    assert "--apply nic nie zapisze" in preview.stdout
    wrong = desk.run("items", "change", "--all", "--price-level", "DETAL", "--percent", "dużo")
    assert wrong.returncode == 2
    assert "dużo nie jest liczbą" in wrong.stdout + wrong.stderr

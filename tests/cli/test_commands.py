"""Commands that set up, look and show, as typed, each in a process of its own."""

from __future__ import annotations

import re
import sqlite3

import pytest

from pomost.config.load import load_config
from pomost.flows import catalogue
from tests.cli.conftest import Desk


def test_the_demo_takes_every_order_through_and_says_what_was_made(desk: Desk) -> None:
    done = desk.run_anew("demo", "--orders", "6", "--folder", "demo")

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((desk.folder / "demo" / "pdf").rglob("*.pdf"))) == 6
    for word in ("RO", "WZ", "pomost.db"):
        assert word in done.stdout


def test_the_demo_deletes_no_folder_but_a_demo_of_its_own(desk: Desk) -> None:
    (desk.folder / "papers").mkdir()
    (desk.folder / "papers" / "letter.txt").write_text("keep")

    refused = desk.run("demo", "--folder", "papers", "--language", "en")

    assert (refused.returncode, refused.stderr) == (2, "")
    assert "is not deleted" in refused.stdout
    assert (desk.folder / "papers" / "letter.txt").read_text() == "keep"


def test_the_file_of_init_is_right_once_the_token_is_there(desk: Desk) -> None:
    assert desk.run_anew("init").returncode == 0

    without = desk.run("check", POMOST_BL_TOKEN="")
    given = desk.run("check", POMOST_BL_TOKEN="x")
    again = desk.run("init")

    assert without.returncode == 2
    assert "zmienna POMOST_BL_TOKEN nie jest ustawiona" in without.stdout
    assert given.returncode == 0, given.stdout
    assert "nie znaleziono błędów" in given.stdout
    assert again.returncode == 2
    assert "--force" in again.stdout


SECRETS = {
    "POMOST_WOO_KEY": "k",
    "POMOST_WOO_SECRET": "s",
    "POMOST_BL_TOKEN": "x",
    "POMOST_BL_TOKEN_2": "y",
    "POMOST_SMTP_PASSWORD": "z",
}


def uncommented(text: str) -> str:
    """Every setting that init wrote as a comment is taken in; prose has a space after its #."""
    return re.sub(r"^#(?! )", "", text, flags=re.MULTILINE)


def test_the_file_of_init_is_right_with_every_comment_taken_off_too(desk: Desk) -> None:
    desk.run("init")
    file = desk.folder / "pomost.toml"
    file.write_text(uncommented(file.read_text(encoding="utf-8")), encoding="utf-8")

    checked = desk.run("check", **SECRETS)
    config = load_config(file, SECRETS)

    assert checked.returncode == 0, checked.stdout
    assert [one.code for one in config.company] == ["main", "druga"]
    assert [(one.company, one.code) for one in config.ledger.warehouses] == [
        ("main", "MAG"),
        ("main", "ZAPAS"),
        ("druga", "MAG"),
    ]
    assert [one.name for one in config.baselinker] == ["baselinker", "drugie"]
    [printer], [account] = config.posnet, config.smtp
    assert printer.e_document is not None
    assert printer.copies is not None
    assert account.bounces is not None
    assert [one.id for one in config.flow[0].step] == ["fiscal", "mail"]
    assert config.flow[1].company == "druga"


def test_a_printer_alone_taken_in_from_the_comments_is_right(desk: Desk) -> None:
    """As a user does it: the section of the printer and its step, nothing else."""
    desk.run("init")
    file = desk.folder / "pomost.toml"
    parts = file.read_text(encoding="utf-8").split("\n\n")
    taken = ("#[[posnet]]", "#fiscalise")
    text = "\n\n".join(uncommented(part) if any(word in part for word in taken) else part for part in parts)
    file.write_text(text, encoding="utf-8")

    checked = desk.run("check", **SECRETS)

    assert checked.returncode == 0, checked.stdout
    assert [one.name for one in load_config(file, SECRETS).posnet] == ["kasa"]


def test_check_says_the_line_the_setting_and_what_is_known(desk: Desk) -> None:
    desk.run("init")
    file = desk.folder / "pomost.toml"
    lines = file.read_text(encoding="utf-8").replace("poll_s = 6.0", "pol_s = 6.0").splitlines()
    file.write_text("\n".join(lines), encoding="utf-8")
    line = 1 + next(place for place, text in enumerate(lines) if text.startswith("pol_s"))

    wrong = desk.run("check")

    assert wrong.returncode == 2
    assert f"wiersz {line}, baselinker[1].pol_s: nie ma takiego ustawienia" in wrong.stdout
    assert "poll_s" in wrong.stdout


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('preset = "ro-fs-wz"', 'preset = "ro-fs-wx"', "ro-fs-wz"),
        ('company = "main"\nwarehouse', 'company = "mian"\nwarehouse', "Firmy: main"),
        ('source = "baselinker"', 'source = "baselinkre"', "Połączenia: baselinker"),
        ("[rates]", "[rates", "wiersz"),
        ('token = "env:POMOST_BL_TOKEN"', 'token = "env:NOT_SET"', "zmienna NOT_SET nie jest ustawiona"),
    ],
    ids=["preset", "company", "source", "not-toml", "variable"],
)
def test_check_says_what_is_wrong_and_what_to_write(desk: Desk, before: str, after: str, said: str) -> None:
    desk.run("init")
    file = desk.folder / "pomost.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")

    wrong = desk.run("check")

    assert wrong.returncode == 2
    assert said in wrong.stdout
    assert "Traceback" not in wrong.stdout + wrong.stderr


def test_check_online_finds_words_that_the_account_does_not_know(desk: Desk) -> None:
    shop = desk.sandbox("--orders", "0")
    desk.write(shop)
    assert desk.run("check", "--online").returncode == 0
    file = desk.folder / "pomost.toml"
    file.write_text(file.read_text() + '[flow.words]\npacked = "Zapakowane"\n')

    wrong = desk.run("check", "--online")

    assert wrong.returncode == 2
    assert "Zapakowane" in wrong.stdout


@pytest.mark.parametrize("preset", catalogue.names())
def test_a_shown_flow_is_the_one_of_the_catalogue(preset: str, desk: Desk) -> None:
    shown = desk.run("flow", "show", preset)

    assert (shown.returncode, shown.stdout) == (0, catalogue.text_of(preset))


def test_an_unknown_flow_names_those_that_are_there(desk: Desk) -> None:
    listed = desk.run("flow", "list")
    unknown = desk.run("flow", "show", "ro-pz")

    assert [name for name in catalogue.names() if name not in listed.stdout] == []
    assert unknown.returncode == 2
    assert "ro-fs-wz" in unknown.stdout
    assert "Traceback" not in unknown.stdout + unknown.stderr


def test_the_dry_run_makes_nothing_and_writes_nothing(desk: Desk) -> None:
    shop = desk.sandbox("--orders", "0")
    desk.write(shop)
    desk.stock_up()
    order = shop.place(paid=True)[0]
    strange = shop.place(lines=[{"sku": "NOWY-1", "quantity": 1, "price_brutto": 10}])[0]
    before = (counted(desk), shop.orders())

    planned = desk.run("plan")

    assert planned.returncode == 0, planned.stdout + planned.stderr
    assert str(order) in planned.stdout
    assert "RO over" in planned.stdout, planned.stdout
    assert str(strange) in planned.stdout
    assert "no item card for NOWY-1" in planned.stdout
    assert (counted(desk), shop.orders()) == before
    assert shop.writes() == []


def test_items_and_goods_are_added_once(desk: Desk) -> None:
    shop = desk.sandbox("--orders", "0")
    desk.write(shop)
    goods = ("item", "receive", "main", "MAG", "KUBEK-1", "10", "8.50", "opening-1")

    added = [desk.run("item", "add", "main", "KUBEK-1", "Kubek") for _ in range(2)]
    received = [desk.run(*goods) for _ in range(2)]
    wrong = desk.run("item", "receive", "main", "MAG", "KUBEK-1", "many", "8.50", "opening-2")

    assert [one.stdout.strip() for one in added] == ["KUBEK-1: added", "KUBEK-1: is there already"]
    assert received[0].stdout == received[1].stdout
    assert received[0].stdout.startswith("PW/1/")
    assert (wrong.returncode, wrong.stdout.strip()) == (2, '"many" or "8.50" is no number. Write e.g. 12.5')


def test_a_recipe_is_typed_and_what_is_none_is_said(desk: Desk) -> None:
    shop = desk.sandbox("--orders", "0")
    desk.write(shop)
    for sku in ("ZESTAW", "KUBEK-1", "HERBATA"):
        desk.run("item", "add", "main", sku, sku)

    typed = desk.run("item", "recipe", "main", "ZESTAW", "KUBEK-1=2", "HERBATA=0.2+5")
    round_about = desk.run("item", "recipe", "main", "KUBEK-1", "ZESTAW=1")
    wrong = desk.run("item", "recipe", "main", "ZESTAW", "KUBEK-1")

    assert (typed.returncode, typed.stdout.strip()) == (0, "ZESTAW: KUBEK-1=2, HERBATA=0.2+5")
    assert round_about.returncode == wrong.returncode == 2
    assert "KUBEK-1 -> ZESTAW -> KUBEK-1" in " ".join(round_about.stdout.split())
    assert '"KUBEK-1" is no part of a recipe' in " ".join(wrong.stdout.split())


def counted(desk: Desk) -> dict[str, int]:
    """Rows of every table of both databases."""
    found = {}
    for name in ("pomost.db", "ledger.db"):
        connection = sqlite3.connect(desk.folder / name)
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            found[f"{name}:{table}"] = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608
        connection.close()
    return found


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("status",), "pomost init"),
        (("plan", "-c", "missing.toml"), "missing.toml"),
        (("sandbox", "--port", "0", "--replay", "missing.csv"), "missing.csv"),
        (("item", "receive", "main", "MAG", "X", "many", "1", "k"), "pomost init"),
    ],
    ids=["no-file", "no-named-file", "no-replay", "no-file-for-goods"],
)
def test_what_is_missing_is_said_in_a_sentence(words: tuple[str, ...], said: str, desk: Desk) -> None:
    wrong = desk.run(*words)

    assert wrong.returncode == 2, wrong.stdout + wrong.stderr
    assert said in wrong.stdout
    assert "Traceback" not in wrong.stdout + wrong.stderr


def test_a_shop_or_a_database_that_is_away_is_said_in_a_sentence(desk: Desk) -> None:
    shop = desk.sandbox("--orders", "0")
    desk.write(shop)
    file = desk.folder / "pomost.toml"
    whole = file.read_text()

    file.write_text(whole.replace(shop.url, f"http://127.0.0.1:{desk.port}/connector.php"))
    no_shop = desk.run("plan")
    file.write_text(whole.replace("sqlite:///pomost.db", f"postgresql://u:secret@127.0.0.1:{desk.port}/x"))
    no_database = desk.run("status")

    for wrong, word in (
        (no_shop, '"baselinker": BaseLinker can\'t be reached'),
        (no_database, "database.url"),
    ):
        assert wrong.returncode == 2, wrong.stdout + wrong.stderr
        assert word in wrong.stdout
        assert "Traceback" not in wrong.stdout + wrong.stderr
        assert "secret" not in wrong.stdout + wrong.stderr


def test_the_sandbox_replays_real_orders_and_lets_buyers_order(desk: Desk) -> None:
    lines = [
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
        "536365,85123A,WHITE HANGING HEART T-LIGHT HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom",
    ]
    (desk.folder / "orders.csv").write_text("\n".join(lines) + "\n")

    replayed = desk.sandbox("--orders", "0", "--replay", "orders.csv").orders()

    assert len(replayed) == 1
    assert [line["sku"] for line in replayed[0]["products"]] == ["85123A"]

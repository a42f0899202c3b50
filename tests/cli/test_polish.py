"""What a seller reads in Polish, and the same in English: only the language of the file differs."""

from __future__ import annotations

import json
import signal

import pytest

from tests.cli.conftest import Desk, until


def speak(desk: Desk, language: str) -> None:
    """Changes the language of the file and nothing else."""
    file = desk.folder / "pomost.toml"
    other = {"pl": "en", "en": "pl"}[language]
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f'language = "{other}"', f'language = "{language}"'), encoding="utf-8")


def test_an_order_that_waits_for_an_unknown_item_is_explained_in_both_languages(desk: Desk) -> None:
    shop = desk.sandbox("--orders", "0")
    desk.write(shop, language="pl")
    desk.stock_up()
    order = shop.place(lines=[{"sku": "NOWY-1", "quantity": 1, "price_brutto": 10}], paid=True)[0]

    planned = desk.run("plan").stdout
    serving = desk.start("serve")
    until(lambda: "ledger.unknown-item" in desk.run("explain", str(order)).stdout)
    polish = desk.run("explain", str(order)).stdout
    status = desk.run("status").stdout
    desk.end(serving, signal.SIGTERM)
    speak(desk, "en")
    english = desk.run("explain", str(order)).stdout

    # the seller sees which document is wanted, what is missing, and what to do
    assert "Nie da się wystawić RO: brak kartoteki towaru NOWY-1." in planned
    assert "firma main nie ma kartoteki towaru NOWY-1." in polish
    assert "Dodaj kartoteki; dokument powstanie wtedy sam. ledger.unknown-item" in polish
    for word in ("zamówienie", "dlaczego", "zobaczone", "zamierzone", "czeka", "opis=RO do"):
        assert word in polish
    for word in ("ostatnie spojrzenie", "stan", "liczba", "czeka"):
        assert word in status
    # and nothing of it is left in English
    for word in ("item card", "Add the cards", "intended", "waiting", "seen"):
        assert word not in polish
    # the same order in English, as it was raised
    assert "company main has no item card for NOWY-1." in english
    assert "Add the cards; the document is then made by itself. ledger.unknown-item" in english
    for word in ("seen", "intended", "waiting", "text=RO for"):
        assert word in english


def test_a_packed_order_waits_in_polish_for_its_status(desk: Desk) -> None:
    shop = desk.sandbox("--orders", "0")
    desk.write(shop, language="pl")
    desk.stock_up()
    order = shop.place(paid=True)[0]
    serving = desk.start("serve")
    until(lambda: shop.order(order)["status"] == "W realizacji")
    until(lambda: json.loads(desk.get("/health"))["cases"] == {"waiting": 1})

    told = desk.run("explain", str(order)).stdout
    page = desk.get("/")
    desk.end(serving, signal.SIGTERM)

    assert "(zamówienie jest w statusie „W realizacji”)." in told
    assert "numer=RO/1/2026" in told
    assert '<html lang="pl"' in page
    assert "<h1>Logowanie</h1>" in page


WRONG = [
    ("poll_s = 6.0", "pol_s = 6.0", "nie ma takiego ustawienia. Tutaj znane są: ", "there is no such setting. Known here: "),
    ("poll_s = 6.0", "poll_s = 'x'", "powinna to być liczba (jest 'x'). Sekundy między spojrzeniami na zmiany.", "Seconds between looks for changes."),
    ('preset = "ro-fs-wz"', 'preset = "ro-fs-wx"', "Nie ma przepływu „ro-fs-wx”. Wzorce: ", 'There is no flow "ro-fs-wx"'),
    ('company = "main"\nwarehouse', 'company = "mian"\nwarehouse', "nie ma firmy „mian”. Firmy: main.", 'there is no company "mian"'),
    ('source = "baselinker"', 'source = "baselinkre"', "nie ma połączenia „baselinkre”.", 'there is no connection "baselinkre"'),
    ("[rates]", "[rates", "(wiersz ", "(at line "),
    ('token = "env:POMOST_BL_TOKEN"', 'token = "env:NOT_SET"', "zmienna NOT_SET nie jest ustawiona. Ustaw ją przed", "NOT_SET is not set"),
    ('[flow.words]', '[flow.words]\npaced = "X"', "Przepływ „sklep”: paced nie jest słowem wzorca „ro-fs-wz”", "paced is no word of the preset"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "polish", "english"), WRONG, ids=lambda text: text[:20])
def test_check_says_in_both_languages_what_is_wrong_in_a_file(
    desk: Desk, before: str, after: str, polish: str, english: str
) -> None:
    desk.run("init")
    file = desk.folder / "pomost.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")

    first = desk.run("check")
    speak(desk, "en")
    second = desk.run("check")

    assert (first.returncode, second.returncode) == (2, 2)
    assert polish in first.stdout
    assert english not in first.stdout
    assert english in second.stdout
    assert "Traceback" not in first.stdout + first.stderr


def test_a_shop_that_can_not_be_reached_is_said_in_polish(desk: Desk) -> None:
    shop = desk.sandbox("--orders", "0")
    desk.write(shop, language="pl")
    file = desk.folder / "pomost.toml"
    file.write_text(file.read_text().replace(shop.url, f"http://127.0.0.1:{desk.port}/connector.php"))

    wrong = desk.run("plan")

    assert wrong.returncode == 2
    assert '"baselinker": Nie ma połączenia z BaseLinkerem' in wrong.stdout
    assert "Jeśli to potrwa, sprawdź sieć i adres połączenia." in wrong.stdout

"""Settings under bad luck: secrets written in unusual ways, files that were spoilt by hand, values that nobody touched."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from pomost.config.editing import write_whole
from pomost.config.load import load_config
from pomost.sandbox.baselinker import Sandbox
from tests.panel.conftest import Client, Desk, faults_of

Panel = Callable[..., Desk]
PICTURES_TO = os.environ.get("POMOST_SETTINGS_PICTURES", "")
SECRET = "very-secret-token-123"
FILE = """language = "pl"

[[company]]
code = "main"
name = "Sklep Przykładowy sp. z o.o."

[[baselinker]]
url = "{url}"
token = "very-secret-token-123"
calls_per_minute = 0

[[flow]]
name = "sklep"
source = "baselinker"
company = "main"
preset = "ro-fs-wz"
"""


@pytest.fixture
def file(tmp_path: Path, shop: Sandbox) -> Path:
    path = tmp_path / "pomost.toml"
    path.write_text(FILE.format(url=shop.url), encoding="utf-8")
    return path


def administrator(panel: Panel, file: Path) -> Client:
    return panel(config_path=file).client("administrator")


def as_shown(page: str, *names: str) -> dict[str, str]:
    """The fields of a form as a browser would send them, nothing touched."""
    found = {}
    for name, value in re.findall(r'<input id="f-v\.[^"]*" name="(v\.[^"]+)"[^>]*? value="([^"]*)"', page):
        # a field of one line loses its line ends in a browser
        found[name] = html.unescape(value).replace("\n", "").replace("\r", "")
    for name, value in re.findall(
        r'<textarea id="f-v\.[^"]*" name="(v\.[^"]+)"[^>]*>([^<]*)</textarea>', page
    ):
        text = html.unescape(value)
        found[name] = (text[1:] if text.startswith("\n") else text).replace("\n", "\r\n")
    for name, inner in re.findall(
        r'<select id="f-v\.[^"]*" name="(v\.[^"]+)"[^>]*>(.*?)</select>', page, re.S
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', inner) or re.search(
            r'<option value="([^"]*)"', inner
        )
        found[name] = html.unescape(chosen[1]) if chosen else ""
    return found


def mark_in(page: str) -> dict[str, str]:
    found = re.search(r'name="mark" value="([^"]+)"', page)
    return {"mark": found[1]} if found else {}


@pytest.mark.parametrize(
    "written",
    [
        'token = """\nvery-secret-token-123"""',
        "token = '''very-secret-token-123'''",
        '# token = "very-secret-token-123"\ntoken = "another"',
        '"token" = "very-secret-token-123"',
    ],
    ids=["several lines", "literal", "commented out", "quoted name"],
)
def test_a_secret_is_hidden_however_it_is_written(panel: Panel, file: Path, written: str) -> None:
    file.write_text(file.read_text("utf-8").replace('token = "very-secret-token-123"', written), "utf-8")
    client = administrator(panel, file)

    form = client.get("/settings/edit?place=baselinker.0")
    draft = client.post(
        "/settings/edit", page="/settings", place="baselinker.0", **{"v.poll_s": "9"}, **mark_in(form.text)
    )

    assert draft.url.path.startswith("/settings/draft/")
    assert SECRET not in draft.text
    assert SECRET not in form.text


def test_a_secret_in_an_inline_table_is_hidden(panel: Panel, file: Path) -> None:
    text = (
        file.read_text("utf-8")
        + '\n[[smtp]]\nhost = "h"\nsender = "a@b.pl"\nbounces = { host = "h", password = "very-secret-token-123" }\n'
    )
    file.write_text(text, "utf-8")
    client = administrator(panel, file)
    form = client.get("/settings/edit?place=smtp.0").text

    draft = client.post(
        "/settings/edit", page="/settings", place="smtp.0", **{"v.port": "25"}, **mark_in(form)
    )

    assert draft.url.path.startswith("/settings/draft/")
    assert SECRET not in draft.text


def test_the_password_of_a_database_is_not_shown_and_stays_when_the_rest_is_changed(
    panel: Panel, file: Path
) -> None:
    address = "postgresql://pomost:very-secret-token-123@db.example.com/pomost"
    file.write_text(
        f'[database]\nurl = "{address}"\n\n' + file.read_text("utf-8").replace('language = "pl"\n', ""),
        "utf-8",
    )
    client = administrator(panel, file)
    form = client.get("/settings/edit?place=database").text
    sent = as_shown(form)
    sent["v.url"] = sent["v.url"].replace("/pomost", "/other")

    draft = client.post("/settings/edit", page="/settings", place="database", **sent, **mark_in(form))
    client.post("/settings/save", page="/settings", draft=draft.url.path.rsplit("/", 1)[1])

    assert SECRET not in form + draft.text
    assert "db.example.com" in form
    assert load_config(file).database.url == address.replace("/pomost", "/other")


def test_a_message_about_a_wrong_address_or_table_shows_no_secret(panel: Panel, file: Path) -> None:
    client = administrator(panel, file)
    wrong = client.post(
        "/settings/edit",
        page="/settings",
        place="database",
        **{"v.url": "mysql://u:very-secret-token-123@h/d"},
    )
    file.write_text(file.read_text("utf-8").replace("[[baselinker]]", "[baselinker]"), "utf-8")

    assert SECRET not in wrong.text
    assert SECRET not in client.get("/settings").text


@pytest.mark.parametrize(
    "spoilt",
    [b"language = \n", b"\xff\xfe\x00", b"", b"flow = 3\n", b"[[flow]]\n[flow]\n", b"a = " + b"[" * 5000],
    ids=["no TOML", "no text", "empty", "no table", "twice", "deep"],
)
def test_a_file_that_was_spoilt_by_hand_is_said_so_and_can_be_brought_back(
    panel: Panel, file: Path, spoilt: bytes
) -> None:
    client = administrator(panel, file)
    good = file.read_text("utf-8")
    form = client.get("/settings/edit?place=flow.0").text
    draft = client.post(
        "/settings/edit", page="/settings", place="flow.0", **{"v.warehouse": "MAG"}, **mark_in(form)
    )
    client.post("/settings/save", page="/settings", draft=draft.url.path.rsplit("/", 1)[1])
    file.write_bytes(spoilt)

    pages = [
        client.get("/settings"),
        client.get("/settings/edit?place=flow.0"),
        client.post("/settings/test", page="/settings"),
    ]
    back = client.post("/settings/undo", page="/settings", version="1")
    client.post("/settings/save", page="/settings", draft=back.url.path.rsplit("/", 1)[1])

    assert [page.status_code for page in pages if page.status_code >= 500] == []
    assert "config." in pages[0].text
    assert file.read_text("utf-8") == good


def test_what_nobody_touched_stays_letter_by_letter(panel: Panel, file: Path) -> None:
    odd = '''take = """order.status == "Nowe zamówienia" ||
  order.status == "Spakowane\""""

[flow.words]
new = "Nowe zamówienia"

[flow.rules]
aliases = { "A=B" = "C", "D" = "E = F", " x" = "y " }
damaged_reasons = ["  dwa  odstępy ", "a"]
payment_days = 007
'''.replace("007", "7")
    file.write_text(file.read_text("utf-8") + odd, "utf-8")
    before = load_config(file)
    client = administrator(panel, file)
    for place, change in (("flow.0", {"v.warehouse": "MAG"}), ("flow.0.rules", {"v.payment_days": "9"})):
        form = client.get(f"/settings/edit?place={place}").text
        sent = {**as_shown(form), **change}
        draft = client.post("/settings/edit", page="/settings", place=place, **sent, **mark_in(form))
        client.post("/settings/save", page="/settings", draft=draft.url.path.rsplit("/", 1)[1])

    after = load_config(file)
    assert after.flow[0].warehouse == "MAG"
    assert after.flow[0].rules.payment_days == 9
    assert after.flow[0].take == before.flow[0].take
    assert after.flow[0].rules.aliases == before.flow[0].rules.aliases
    assert after.flow[0].rules.damaged_reasons == before.flow[0].rules.damaged_reasons


def test_a_form_that_is_older_than_the_file_is_refused(panel: Panel, file: Path) -> None:
    client = administrator(panel, file)
    form = client.get("/settings/edit?place=baselinker.0").text
    file.write_text(file.read_text("utf-8").replace("calls_per_minute = 0", "calls_per_minute = 70"), "utf-8")

    answer = client.post(
        "/settings/edit",
        page="/settings",
        place="baselinker.0",
        **{**as_shown(form), "v.poll_s": "9"},
        **mark_in(form),
    )

    assert answer.status_code == 409
    assert "calls_per_minute = 70" in answer.text
    assert load_config(file).baselinker[0].poll_s == 6.0


@pytest.mark.parametrize("bad", ["flow.²", "flow." + "9" * 5000, "flow.٣", "." * 3000, "flow.0." * 500])
def test_addresses_that_make_no_sense_break_nothing(panel: Panel, file: Path, bad: str) -> None:
    client = administrator(panel, file)

    assert client.get("/settings/edit", params={"place": bad}).status_code in (200, 400, 404)
    assert client.post("/settings/remove", page="/settings", place=bad).status_code in (200, 400, 404)
    assert client.post("/settings/undo", page="/settings", version="²").status_code == 404
    assert client.get("/settings/version/" + "9" * 300).status_code in (400, 404)


@pytest.mark.parametrize("bad", ["\x7f", "\x85", "\u2028", "\x9f", "a\tb", "\ud800"])
def test_control_characters_are_refused_or_kept_as_they_are(panel: Panel, file: Path, bad: str) -> None:
    client = administrator(panel, file)
    answer = client.post(
        "/settings/edit",
        page="/settings",
        place="company.0",
        **{"v.name": f"a{bad}b".encode("utf-8", "replace").decode()},
    )
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        client.post("/settings/save", page="/settings", draft=answer.url.path.rsplit("/", 1)[1])
        assert load_config(file).company[0].name in (f"a{bad}b", "a?b")


def test_line_ends_of_the_file_stay(panel: Panel, file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    client = administrator(panel, file)
    form = client.get("/settings/edit?place=flow.0").text
    draft = client.post(
        "/settings/edit", page="/settings", place="flow.0", **{"v.warehouse": "MAG"}, **mark_in(form)
    )
    client.post("/settings/save", page="/settings", draft=draft.url.path.rsplit("/", 1)[1])

    assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n")


def test_what_was_written_by_hand_between_two_changes_is_a_version_too(panel: Panel, file: Path) -> None:
    client = administrator(panel, file)

    def change(value: str) -> None:
        form = client.get("/settings/edit?place=flow.0").text
        draft = client.post(
            "/settings/edit", page="/settings", place="flow.0", **{"v.warehouse": value}, **mark_in(form)
        )
        client.post("/settings/save", page="/settings", draft=draft.url.path.rsplit("/", 1)[1])

    change("MAG")
    by_hand = file.read_text("utf-8") + "\n# by hand\n"
    file.write_text(by_hand, "utf-8")
    change("INNY")
    back = client.post("/settings/undo", page="/settings", version="3")
    client.post("/settings/save", page="/settings", draft=back.url.path.rsplit("/", 1)[1])

    assert file.read_text("utf-8") == by_hand


def test_a_secret_can_be_taken_out(panel: Panel, file: Path) -> None:
    file.write_text(
        file.read_text("utf-8")
        + '\n[[smtp]]\nhost = "h"\nsender = "a@b.pl"\npassword = "very-secret-token-123"\n',
        "utf-8",
    )
    client = administrator(panel, file)
    form = client.get("/settings/edit?place=smtp.0").text
    draft = client.post(
        "/settings/edit", page="/settings", place="smtp.0", **{"clear.password": "on"}, **mark_in(form)
    )
    client.post("/settings/save", page="/settings", draft=draft.url.path.rsplit("/", 1)[1])

    assert SECRET not in draft.text
    assert load_config(file).smtp[0].password == ""


# lists of the other systems, one connection asked, the preview


def test_one_connection_is_asked_and_shows_what_it_has(panel: Panel, file: Path) -> None:
    desk = panel(config_path=file)
    client = desk.client("administrator")

    desk.house.shop.configure(token=SECRET)
    shop = client.post("/settings/test/baselinker", page="/settings").text
    ledger = client.post("/settings/test/ledger", page="/settings").text
    unknown = client.post("/settings/test/nothing", page="/settings").status_code
    desk.house.shop.configure(token="another")
    bad = client.post("/settings/test/baselinker", page="/settings").text

    assert "Odpowiada." in shop
    assert "Spakowane" in shop
    assert "main:MAG" in ledger
    assert unknown == 404
    assert "Odpowiada." not in bad
    assert "baselinker.bad-token" in bad or "token" in bad.lower()
    assert SECRET not in shop + ledger + bad


def test_a_printer_and_a_mail_server_that_do_not_answer_are_said_so(panel: Panel, file: Path) -> None:
    more = (
        '\n[[smtp]]\nname = "poczta"\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\nsender = "a@example.com"\n'
        '\n[[posnet]]\nname = "kasa"\ncompany = "main"\nhost = "127.0.0.1"\nport = 9\n'
    )
    file.write_text(file.read_text("utf-8") + more, "utf-8")
    client = administrator(panel, file)

    for name in ("poczta", "kasa"):
        said = client.post(f"/settings/test/{name}", page="/settings").text
        assert "Odpowiada." not in said
        assert f"{name}:" in said


def test_words_of_a_preset_are_chosen_from_what_the_account_has(panel: Panel, file: Path) -> None:
    client = administrator(panel, file)
    client.post("/settings/choices", page="/settings", place="flow.0")
    form = client.get("/settings/edit?place=flow.0").text
    words = re.findall(r'name="k\.words\.(\d+)" value="([^"]*)"', form)
    number = next(number for number, word in words if word == "packed")
    sent = {f"k.words.{one}": word for one, word in words} | {f"p.words.{one}": "" for one, _ in words}

    draft = client.post(
        "/settings/edit",
        page="/settings",
        place="flow.0",
        **(sent | {f"p.words.{number}": "Gotowe do wysyłki"}),
        **mark_in(form),
    )
    client.post("/settings/save", page="/settings", draft=draft.url.path.rsplit("/", 1)[1])

    assert '<option value="Spakowane">' in form
    assert 'placeholder="Spakowane"' in form
    assert load_config(file).flow[0].words == {"packed": "Gotowe do wysyłki"}


def test_the_preview_looks_at_orders_of_flows_that_change_only(panel: Panel, file: Path) -> None:
    desk = panel(config_path=file)
    client = desk.client("administrator")
    orders = desk.house.shop.place(3, paid=True)
    desk.house.run_until(lambda: all(desk.house.state(order) == "waiting" for order in orders))

    def looked(place: str, **fields: str) -> str:
        form = client.get(f"/settings/edit?place={place}").text
        given = {f"v.{name}": value for name, value in fields.items()}
        return client.post("/settings/edit", page="/settings", place=place, **given, **mark_in(form)).text

    assert "Porównano 3 zamówienia" in looked("flow.0", preset="ro-fs-wz-at-once")
    assert "Porównano 0 zamówień" in looked("baselinker.0", poll_s="9")


def test_numbers_are_typed_as_people_type_them(panel: Panel, file: Path) -> None:
    client = administrator(panel, file)
    for typed, value in (("7,5", 7.5), ("1 000", 1000.0), ("12", 12.0)):
        form = client.get("/settings/edit?place=baselinker.0").text
        draft = client.post(
            "/settings/edit", page="/settings", place="baselinker.0", **{"v.poll_s": typed}, **mark_in(form)
        )
        client.post("/settings/save", page="/settings", draft=draft.url.path.rsplit("/", 1)[1])
        assert load_config(file).baselinker[0].poll_s == value
    wrong = client.post("/settings/edit", page="/settings", place="baselinker.0", **{"v.poll_s": "often"})
    assert wrong.status_code == 400
    assert "config.wrong-value" in wrong.text


@pytest.mark.parametrize("language", ["pl", "en"])
def test_long_forms_on_a_phone_and_in_the_dark(
    panel: Panel, browser_page: Callable[..., Page], file: Path, language: str
) -> None:
    desk = panel(config_path=file)
    desk.house.shop.place(2, paid=True)
    desk.house.run_until(lambda: desk.house.states().get("waiting", 0) == 2)
    page = browser_page(
        desk, "administrator", language, viewport={"width": 380, "height": 800}, color_scheme="dark"
    )
    page.goto("/settings/edit?place=flow.0")
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    page.fill("input[placeholder='Spakowane']", "Gotowe")
    page.click("form.card button.main")
    page.wait_for_url("**/settings/draft/*")
    assert "packed" in page.inner_text("pre.diff")
    assert faults_of(page) == []
    page.click("main .act button.main")
    page.wait_for_selector(".notice.good")
    assert load_config(file).flow[0].words == {"packed": "Gotowe"}
    page.click("form[action='/settings/undo'] button")
    page.wait_for_url("**/settings/draft/*")
    page.click("main .act button.main")
    page.wait_for_selector(".notice.good")
    assert load_config(file).flow[0].words == {}
    for address in ("/settings", "/flows", "/flows/sklep"):
        page.goto(address)
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 380
    if PICTURES_TO:
        page.screenshot(path=f"{PICTURES_TO}/flow-{language}.png", full_page=True)


def test_a_folder_that_may_not_be_written_to_is_said_so(
    panel: Panel, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = administrator(panel, file)
    before = file.read_text("utf-8")
    form = client.get("/settings/edit?place=flow.0").text
    draft = client.post(
        "/settings/edit", page="/settings", place="flow.0", **{"v.warehouse": "MAG"}, **mark_in(form)
    )

    def refuse(path: Path, text: str, real: Callable[[Path, str], None] = write_whole) -> None:
        # as for a service that may read its file and not write it; tests may run as root, whom no right stops
        if path == file:
            raise PermissionError(13, "Permission denied")
        real(path, text)

    monkeypatch.setattr("pomost.config.history.write_whole", refuse)
    said = client.post("/settings/save", page="/settings", draft=draft.url.path.rsplit("/", 1)[1])

    assert said.status_code == 200
    assert "Permission denied" in said.text
    assert file.read_text("utf-8") == before
    assert client.get("/settings/version/2").status_code == 404

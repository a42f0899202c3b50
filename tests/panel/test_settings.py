"""Settings in the panel: the same file, the same checks, seen before it is saved, with a way back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from pomost.config.editing import HIDDEN, Draft, differences, hidden
from pomost.config.load import load_config
from pomost.sandbox.baselinker import Sandbox
from tests.panel.conftest import Client, Desk, faults_of

Panel = Callable[..., Desk]
FILE = """# Our shop. This comment stays.
language = "pl"   # and this one

[[company]]
code = "main"
name = "Sklep Przykładowy sp. z o.o."

[[baselinker]]
url = "{url}"
token = "very-secret-token-123"
calls_per_minute = 0 # the sandbox has no limit

[[flow]]
name = "sklep"
source = "baselinker"
company = "main"
preset = "ro-fs-wz"

[flow.rules]
payment_days = 7
"""


@pytest.fixture
def file(tmp_path: Path, shop: Sandbox) -> Path:
    path = tmp_path / "pomost.toml"
    path.write_text(FILE.format(url=shop.url), encoding="utf-8")
    return path


def administrator(panel: Panel, file: Path) -> tuple[Desk, Client]:
    desk = panel(config_path=file)
    return desk, desk.client("administrator")


def drafted(client: Client, place: str, **fields: str) -> str:
    """Sends a form; gives the name of the draft that it leads to."""
    form = {f"v.{name}": value for name, value in fields.items()}
    answer = client.post("/settings/edit", page="/settings", place=place, **form)
    assert answer.url.path.startswith("/settings/draft/"), answer.text[-3000:]
    return answer.url.path.rsplit("/", 1)[1]


def test_a_setting_is_changed_and_everything_else_stays_as_it_was(panel: Panel, file: Path) -> None:
    before = file.read_text("utf-8")
    _, client = administrator(panel, file)

    name = drafted(client, "flow.0.rules", payment_days="14")
    looked_at = file.read_text("utf-8")
    said = client.post("/settings/save", page="/settings", draft=name)

    assert looked_at == before
    assert "Zapisano jako wersję 2" in said.text
    assert file.read_text("utf-8") == before.replace("payment_days = 7", "payment_days = 14")
    assert load_config(file).flow[0].rules.payment_days == 14


def test_a_wrong_value_is_refused_with_the_words_of_the_command_line_and_nothing_is_written(
    panel: Panel, file: Path
) -> None:
    before = file.read_text("utf-8")
    _, client = administrator(panel, file)

    for place, form, code in (
        ("flow.0.rules", {"payment_days": "kiedyś"}, "config.wrong-value"),
        ("flow.0", {"source": "nie-ma"}, "config.unknown-source"),
        ("flow.0", {"name": ""}, "config.missing"),
        ("", {"port": "-5"}, "config.wrong-value"),
    ):
        sent = {f"v.{name}": value for name, value in form.items()}
        answer = client.post("/settings/edit", page="/settings", place=place, **sent)
        assert answer.status_code == 400
        assert code in answer.text

    assert file.read_text("utf-8") == before


def test_a_secret_is_never_shown_and_an_empty_field_keeps_it(panel: Panel, file: Path) -> None:
    _, client = administrator(panel, file)

    form = client.get("/settings/edit?place=baselinker.0").text
    name = drafted(client, "baselinker.0", token="", calls_per_minute="100")
    shown = client.get(f"/settings/draft/{name}").text
    client.post("/settings/save", page="/settings", draft=name)
    name = drafted(client, "baselinker.0", token="another-token-456")
    changed = client.get(f"/settings/draft/{name}").text
    client.post("/settings/save", page="/settings", draft=name)
    versions = client.get("/settings/version/1").text + client.get("/settings/version/3").text

    for page in (form, shown, changed, versions):
        assert "very-secret-token-123" not in page
        assert "another-token-456" not in page
    assert HIDDEN in changed
    assert load_config(file).baselinker[0].token == "another-token-456"
    assert load_config(file).baselinker[0].calls_per_minute == 100


def test_an_earlier_version_is_brought_back_through_the_same_door(panel: Panel, file: Path) -> None:
    before = file.read_text("utf-8")
    _, client = administrator(panel, file)
    client.post("/settings/save", page="/settings", draft=drafted(client, "flow.0.rules", payment_days="14"))

    answer = client.post("/settings/undo", page="/settings", version="1")
    name = answer.url.path.rsplit("/", 1)[1]
    client.post("/settings/save", page="/settings", draft=name)

    assert file.read_text("utf-8") == before
    assert client.post("/settings/undo", page="/settings", version="99").status_code == 404


def test_what_somebody_else_wrote_meanwhile_is_not_overwritten(panel: Panel, file: Path) -> None:
    _, client = administrator(panel, file)
    name = drafted(client, "flow.0.rules", payment_days="14")
    other = file.read_text("utf-8") + "\n# by hand\n"
    file.write_text(other, encoding="utf-8")

    said = client.post("/settings/save", page="/settings", draft=name)

    assert "Nic nie zapisano" in said.text
    assert file.read_text("utf-8") == other


def test_the_preview_names_the_orders_that_would_go_another_way(panel: Panel, file: Path) -> None:
    desk, client = administrator(panel, file)
    order = desk.house.shop.place(paid=True)[0]
    desk.house.run_until_state(order, "waiting")

    other = client.get(f"/settings/draft/{drafted(client, 'flow.0', preset='ro-fs-wz-at-once')}").text
    none = client.get(f"/settings/draft/{drafted(client, '', port='8099')}").text

    assert f">{order}</a>" in other
    assert "Porównano 1 zamówienie" in other
    assert f">{order}</a>" not in none


def test_tables_are_added_and_taken_out(panel: Panel, file: Path) -> None:
    before = file.read_text("utf-8")
    _, client = administrator(panel, file)

    client.post(
        "/settings/save", page="/settings", draft=drafted(client, "company.new", code="druga", name="Druga")
    )
    two = [company.code for company in load_config(file).company]
    refused = client.post("/settings/remove", page="/settings", place="company.0")
    gone = client.post("/settings/remove", page="/settings", place="company.1")
    client.post("/settings/save", page="/settings", draft=gone.url.path.rsplit("/", 1)[1])

    assert two == ["main", "druga"]
    assert "config.unknown-company" in refused.text or "nie ma firmy" in refused.text
    assert load_config(file) == load_config_of(before, file)


def load_config_of(text: str, file: Path) -> object:
    other = file.with_name("other.toml")
    other.write_text(text, encoding="utf-8")
    return load_config(other)


@pytest.mark.parametrize(
    "bad", ['"\n[evil]\nx = "1', "a\x00b", "x" * 30_000, "]]\n[[flow]]\nname='x'", "\\u0000", "'''", '"""']
)
def test_hostile_values_stay_values_or_are_refused(panel: Panel, file: Path, bad: str) -> None:
    _, client = administrator(panel, file)

    answer = client.post("/settings/edit", page="/settings", place="company.0", **{"v.name": bad})
    if answer.status_code == 200:
        client.post("/settings/save", page="/settings", draft=answer.url.path.rsplit("/", 1)[1])

    after = load_config(file)
    assert len(after.flow) == 1
    assert after.company[0].code == "main"


@pytest.mark.parametrize(
    "place", ["nothing", "flow.7", "flow.0.nothing", "company.new.x", "....", "0.0", "flow.-1"]
)
def test_places_that_are_not_there_are_said_so(panel: Panel, file: Path, place: str) -> None:
    _, client = administrator(panel, file)

    assert client.get(f"/settings/edit?place={place}").status_code in (200, 404)
    assert client.post("/settings/remove", page="/settings", place=place).status_code in (200, 404)
    assert load_config(file).flow[0].name == "sklep"


def test_lists_of_the_channel_are_offered_once_they_were_read(panel: Panel, file: Path) -> None:
    _, client = administrator(panel, file)
    client.post(
        "/settings/save", page="/settings", draft=drafted(client, "flow.0.step.new", id="ro", issue="RO")
    )

    client.post("/settings/choices", page="/settings", place="flow.0.step.0")
    offered = client.get("/settings/edit?place=flow.0.step.0").text

    assert '<option value="Spakowane">' in offered


def test_connections_are_tested_by_asking_them(panel: Panel, file: Path) -> None:
    desk, client = administrator(panel, file)

    good = client.post("/settings/test", page="/settings").text
    desk.house.shop.configure(token="another")
    bad = client.post("/settings/test", page="/settings").text

    assert "ERROR_BAD_TOKEN" in bad or "token" in bad.lower()
    assert good != bad


def test_without_a_file_the_pages_say_so(panel: Panel) -> None:
    assert "bez pliku ustawień" in panel().client("administrator").get("/settings").text


def test_a_flow_is_drawn_with_the_orders_that_stand_at_its_steps(panel: Panel) -> None:
    desk = panel()
    order = desk.house.shop.place(paid=True)[0]
    desk.house.run_until_state(order, "waiting")

    said = desk.client("reader").get("/flows/sklep").text

    assert "1 tu czeka" in said
    assert "order.status" in said
    assert desk.client("reader").get("/flows/nie-ma").status_code == 404


def test_lines_with_secrets_are_hidden_and_names_of_variables_are_not() -> None:
    assert "abc" not in hidden('token = "abc"')
    assert hidden('token = "env:POMOST_BL_TOKEN"') == 'token = "env:POMOST_BL_TOKEN"'
    assert "pass" not in hidden('url = "postgresql://pomost:pass@host/db"')
    assert differences('token = "a1"', 'token = "b2"') != []
    assert differences('token = "a1"', 'token = "a1"') == []


def test_comments_and_order_survive_every_kind_of_change() -> None:
    draft = Draft(FILE)
    draft.put(("flow", 0, "rules"), {"payment_days": 3, "delivery_sku": "DOSTAWA"})
    draft.put(("engine",), {"workers": 2})
    draft.add(("company",), {"code": "b", "name": "B"})
    draft.remove(("company", 1))

    for comment in ("# Our shop. This comment stays.", "# and this one", "# the sandbox has no limit"):
        assert comment in draft.text


@pytest.mark.parametrize(
    ("language", "save", "saved"), [("pl", "Zapisz", "Zapisano"), ("en", "Save", "Saved")]
)
def test_the_main_path_in_a_browser(
    panel: Panel, browser_page: Callable[..., Page], file: Path, language: str, save: str, saved: str
) -> None:
    desk, _ = administrator(panel, file)
    page = browser_page(desk, "administrator", language)
    page.goto("/settings")
    assert faults_of(page) == []
    page.click("main a[href='/settings/edit?place=flow.0']")
    assert faults_of(page) == []
    page.click("main a:text-is('rules')")
    page.fill("[name='v.payment_days']", "21")
    page.click("button.main")
    page.wait_for_url("**/settings/draft/*")
    assert faults_of(page) == []
    page.click(f"button:text-is('{save}')")
    page.wait_for_selector(f".notice.good:has-text('{saved}')")
    assert load_config(file).flow[0].rules.payment_days == 21
    page.goto("/flows/sklep")
    assert faults_of(page) == []
